import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** Turkish, with the polite "siz". Nothing is appended to a name, since its vowels would decide the suffix. @module */
export const tr: Sentences = {
  tag: "tr",
  api: {
    fields: {
      required: "Bu alan zorunludur.",
      blank: "Bu alan boş bırakılamaz.",
      null: "Bu alan null olamaz.",
      not_text: "Bu alan metin olmalıdır.",
      invalid_address: "Geçerli bir e-posta adresi girin.",
      invalid_text: "Geçerli bir değer girin.",
      invisible_character: "Bu alanda görünmeyen bir karakter var. Alanı temizleyip yeniden yazın.",
      null_character: "Bu alan boş (null) karakter içeremez.",
      not_well_formed: "Bu alan geçersiz bir karakter içeriyor. Düzgün biçimli Unicode gönderin.",
      too_long: "Bu çok uzun.",
    },
    not_an_object: (kind) =>
      `Alanları özellik olarak içeren bir JSON nesnesi gönderin. Gönderilen JSON türü: “${kind}”.`,
    no_data: "Alanları özellik olarak içeren bir nesne gönderin.",
    malformed_body: {
      encoding: "İstek gövdesi karakter kodlamasına uymuyor veya bayt sırası işaretiyle başlıyor.",
      json: "İstek gövdesi geçerli bir JSON değil.",
      form: "İstek gövdesi geçerli bir form değil.",
    },
    unsupported_media_type: (type) =>
      `“${type}” içerik türü desteklenmiyor. UTF-8 kodlamasıyla JSON veya form gönderin.`,
    method_not_allowed: (method) => `${method} yöntemine burada izin verilmiyor.`,
    not_acceptable: "Yanıtlar application/json veya application/problem+json olarak alınabilir.",
    body_too_large: "İstek çok büyük.",
    body_timeout: "İsteğin ulaşması çok uzun sürdü. Yeniden deneyin.",
    invalid_token: "Bu bağlantı veya kod geçersiz ya da süresi dolmuş. Yenisini isteyin.",
    unknown_account: "Girdiğiniz bilgiyle eşleşen bir hesap bulamadık.",
    second_factor: "Kimlik doğrulama uygulamanızdaki kodu girin.",
    cross_site:
      "Bu form başka bir siteden gönderildi. JSON gönderin veya site sahibinden buna izin vermesini isteyin.",
    vetoed:
      "Bu şifreyi şu anda sıfırlayamıyoruz. Daha sonra yeniden deneyin veya destek ekibiyle iletişime geçin.",
    throttled: (seconds) => `Çok fazla istek. ${inWords(seconds, tr)} sonra yeniden deneyin.`,
    unavailable: "İşlem şu anda tamamlanamadı. Hiçbir şey kaybolmadı, birazdan yeniden deneyin.",
    unsupported: "Bu belirteç türü bunu desteklemiyor.",
    not_found: "Bu adreste bir şey yok.",
    internal: "Bizden kaynaklanan bir sorun oluştu. Birazdan yeniden deneyin.",
  },
  problems: {
    too_short: ({ min }) => atLeast(min),
    too_long: ({ max, unit }) => (unit === "bytes" ? atMostBytes(max) : atMost(max)),
    not_well_formed: () => "Şifreniz geçersiz bir karakter içeriyor. Yeniden yazın.",
    too_common: () => "Bu şifre çok yaygın. Tahmin edilmesi daha zor bir şifre seçin.",
    too_weak: () => "Bu şifreyi tahmin etmek kolay. Az kullanılan bir iki sözcük ekleyin.",
    breached: () => "Bu şifre bir veri ihlalinde ortaya çıkmış. Başka bir şifre seçin.",
    unchecked: () => "Bu şifreyi kontrol edemedik. Birazdan yeniden deneyin.",
    entirely_numeric: () => "Bir harf veya simge ekleyin. Yalnızca rakamları tahmin etmek kolaydır.",
    too_similar: ({ attribute }) => `Bu şifre bir bilginize çok benziyor: ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Merhaba," : `Merhaba ${name},`),
    reset: {
      subject: ({ app }) => `${app} şifrenizi sıfırlayın`,
      intro: ({ app }) => `${app} hesabınızın şifresini sıfırlamak için bir istek aldık.`,
      preview: ({ time }) => `Yeni bir şifre seçin. Bağlantı ${time} boyunca geçerlidir.`,
      action: "Şifreyi sıfırla",
      notYou: "Bu isteği siz yapmadıysanız bu e-postayı yok sayabilirsiniz. Şifreniz değişmez.",
    },
    invitation: {
      subject: ({ app }) => `${app} hesabınız hazır`,
      intro: ({ app }) =>
        `Sizin için bir ${app} hesabı oluşturuldu. Kullanmaya başlamak için bir şifre seçin.`,
      action: "Şifre seç",
      notYou: "Bunu beklemiyorsanız bu e-postayı yok sayabilirsiniz.",
    },
    expiry: ({ time }) => `Bu bağlantı yalnızca bir kez kullanılabilir ve ${time} boyunca geçerlidir.`,
    openLink: "Devam etmek için bu bağlantıyı açın:",
    copyLink: "Düğme çalışmıyorsa bu bağlantıyı tarayıcınıza kopyalayın:",
    code: ({ time }) =>
      `Veya bu kodu, sıfırlama isteğinde bulunduğunuz sayfaya girin. Kod ${time} boyunca geçerlidir:`,
    changed: {
      subject: ({ app }) => `${app} şifreniz değiştirildi`,
      intro: ({ app }) => `${app} hesabınızın şifresi değiştirildi.`,
      when: "Zaman",
      device: "Cihaz",
      network: "Ağ",
      wasYou: "Bunu siz yaptıysanız başka bir şey yapmanız gerekmez.",
      notYou:
        "Bunu siz yapmadıysanız birisi hesabınıza veya e-postanıza erişiyor olabilir. Önce e-posta şifrenizi değiştirin, ardından oturum açma sayfamızdan şifre sıfırlama isteğinde bulunun.",
    },
    unknown: {
      subject: ({ app }) => `${app} şifre sıfırlama isteğiniz`,
      intro: ({ app }) =>
        `Bu e-posta adresi için bir ${app} şifre sıfırlama isteği yapıldı, ancak şifresi sıfırlanabilecek bir hesap bulamadık.`,
      wasYou: "Bu isteği siz yaptıysanız kaydolurken kullandığınız e-posta adresini deneyin.",
      notYou: "Bu isteği siz yapmadıysanız bu e-postayı yok sayabilirsiniz. Hiçbir şey değişmedi.",
    },
    ineligible: {
      subject: ({ app }) => `${app} şifre sıfırlama isteğiniz`,
      intro: ({ app }) => `${app} hesabınız için bir şifre sıfırlama isteği yapıldı.`,
      no_password: "Hesabınızda şifre kullanılmıyor. Her zamanki gibi oturum açın.",
      closed: "Hesabınız kapalı olduğu için şifresi sıfırlanamaz.",
      other: "Bu hesabın şifresi e-posta ile sıfırlanamaz.",
      notYou: "Bu isteği siz yapmadıysanız bu e-postayı yok sayabilirsiniz. Hiçbir şey değişmedi.",
    },
    support: "Sorularınız mı var? Bize ulaşın:",
    automatic: ({ app }) => `Bu, otomatik bir ${app} iletisidir.`,
  },
  pages: {
    error: "Hata",
    tryAgainIn: (wait) => `${wait} sonra yeniden deneyin.`,
    form: {
      address: "E-posta",
      name: "Kullanıcı adı",
      blankAddress: "E-posta adresinizi girin.",
      blankName: "Kullanıcı adınızı girin.",
      backToLogin: "Oturum açma sayfasına dön",
    },
    ask: {
      title: "Şifrenizi mi unuttunuz?",
      text: (address) =>
        `Hesabınızın ${address ? "e-posta adresini" : "kullanıcı adını"} girin, şifrenizi sıfırlamanız için size bir bağlantı gönderelim.`,
      send: "Bağlantı gönder",
    },
    sent: {
      title: "Gelen kutunuza bakın",
      text: "Girdiğiniz bilgiyle eşleşen bir hesap varsa şifre sıfırlama bağlantısı yolda. Yalnızca bir kez kullanılabilir ve süresi kısa sürede dolar.",
      help: "Birkaç dakika sonra hâlâ gelmediyse spam klasörünüze bakın veya kaydolurken kullandığınız e-posta adresini ya da kullanıcı adını deneyin.",
      again: "Başka bir bağlantı iste",
      enterCode: "Bunun yerine kodu gir",
    },
    code: {
      title: "Kodunuzu girin",
      text: "Size gönderdiğimiz iletideki kodu girin. Kodun süresi birkaç dakika sonra dolar.",
      code: "Kod",
      blankCode: "Kodu girin.",
      wrong: "Bu kod yanlış veya süresi dolmuş. Aynı iletideki bağlantı hâlâ çalışıyor olabilir.",
      goOn: "Devam et",
      again: "Yeni kod iste",
    },
    choose: {
      title: "Yeni bir şifre seçin",
      account: "Hesap",
      password: "Yeni şifre",
      rule: ({ min }) => rule(min),
      hint: "Birbiriyle ilgisiz birkaç sözcük, hatırlaması kolay ve güçlü bir şifre oluşturur.",
      secondFactor: "Kimlik doğrulama uygulamanızdaki kod",
      secondFactorWrong: "Uygulamanızdaki güncel kodu girin.",
      repeat: "Yeni şifreyi doğrulayın",
      blankPassword: "Yeni bir şifre girin.",
      different: "Şifreler eşleşmiyor. Yeniden girin.",
      save: "Şifreyi kaydet",
    },
    done: {
      title: "Şifreniz kaydedildi",
      text: "Artık bu şifreyle oturum açabilirsiniz. Daha önce gönderdiğimiz sıfırlama bağlantıları artık çalışmaz.",
      signedOut: "Güvenliğiniz için tüm cihazlardaki oturumlarınızı kapattık.",
      login: "Oturum aç",
    },
    over: {
      title: "Bu bağlantı artık çalışmıyor",
      text: "Sıfırlama bağlantılarının süresi dolar ve her biri yalnızca bir kez kullanılabilir. Bağlantının bir kısmı eksik de olabilir.",
      help: "İletiyi yeni aldıysanız bağlantısını bir kez daha açın. Aksi hâlde yeni bir bağlantı isteyin.",
      again: "Yeni bağlantı iste",
    },
    stale: {
      title: "Bu sayfanın süresi doldu",
      text: "Hiçbir şey değişmedi. Devam etmek için sayfayı yeniden açın. Bu durum tekrarlanırsa bu site için çerezlere izin verin.",
      again: "Sayfayı yeniden aç",
    },
    noCookies: {
      title: "Devam etmek için çerezlere izin verin",
      text: "Tarayıcınız veya uygulamanız bu sitenin çerezlerini engelliyor. İzin verin veya bağlantıyı başka bir tarayıcıda açın.",
    },
    throttled: {
      title: "Çok fazla istek",
      text: "Ağınızdan çok fazla istek aldık. Daha önce bir bağlantı istediyseniz gelen kutunuza ve spam klasörünüze bakın: en son gönderilen bağlantı, süresi dolana kadar çalışır.",
    },
    unavailable: { title: "Geçici olarak kullanılamıyor" },
    refused: {
      title: "Bir sorun oluştu",
      text: "Gönderileni okuyamadık. Geri dönüp yeniden deneyin.",
    },
  },
};

const atLeast = plural("tr", { one: "En az # karakter kullanın.", other: "En az # karakter kullanın." });
const atMost = plural("tr", { one: "En çok # karakter kullanın.", other: "En çok # karakter kullanın." });
const atMostBytes = plural("tr", {
  one: "En çok # bayt kullanın. Türkçe harfler ve emojiler birden çok bayt tutar.",
  other: "En çok # bayt kullanın. Türkçe harfler ve emojiler birden çok bayt tutar.",
});
const rule = plural("tr", { one: "En az # karakter.", other: "En az # karakter." });

const nameOf = attributeNames({
  username: "kullanıcı adı",
  name: "ad",
  firstName: "ilk ad",
  lastName: "soyadı",
  email: "e-posta adresi",
});
