import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** Japanese, in the polite form. @module */
export const ja: Sentences = {
  tag: "ja",
  // Without the blank that Intl.NumberFormat puts between number and unit.
  units: {
    second: plural("ja", { other: "#秒" }),
    minute: plural("ja", { other: "#分" }),
    hour: plural("ja", { other: "#時間" }),
    day: plural("ja", { other: "#日" }),
  },
  api: {
    fields: {
      required: "この項目は必須です。",
      blank: "この項目を空にすることはできません。",
      null: "この項目を null にすることはできません。",
      not_text: "この項目はテキストで入力してください。",
      invalid_address: "有効なメールアドレスを入力してください。",
      invalid_text: "有効な値を入力してください。",
      invisible_character: "目に見えない文字が含まれています。いったん消して、もう一度入力してください。",
      null_character: "この項目にヌル文字を含めることはできません。",
      not_well_formed: "この項目に無効な文字が含まれています。正しい形式の Unicode で送信してください。",
      too_long: "長すぎます。",
    },
    not_an_object: (kind) =>
      `各項目をプロパティとする JSON オブジェクトを送信してください（受信した JSON の型: ${kind}）。`,
    no_data: "各項目をプロパティとするオブジェクトを送信してください。",
    malformed_body: {
      encoding: "リクエスト本文が文字コードと一致しないか、バイトオーダーマークで始まっています。",
      json: "リクエスト本文が有効な JSON ではありません。",
      form: "リクエスト本文が有効なフォームではありません。",
    },
    unsupported_media_type: (type) =>
      `コンテンツタイプ「${type}」には対応していません。UTF-8 の JSON またはフォームを送信してください。`,
    method_not_allowed: (method) => `ここでは ${method} メソッドを使用できません。`,
    not_acceptable: "レスポンスの形式は application/json または application/problem+json です。",
    body_too_large: "リクエストが大きすぎます。",
    body_timeout: "リクエストの受信に時間がかかりすぎました。もう一度お試しください。",
    invalid_token: "このリンクまたはコードは無効か、有効期限が切れています。もう一度発行してください。",
    unknown_account: "入力内容に一致するアカウントが見つかりませんでした。",
    second_factor: "認証アプリに表示されているコードを入力してください。",
    cross_site:
      "このフォームは別のサイトから送信されました。JSON で送信するか、サイトの管理者に許可を依頼してください。",
    vetoed:
      "現在、このパスワードは再設定できません。しばらくしてからもう一度お試しいただくか、サポートにお問い合わせください。",
    throttled: (seconds) => `リクエストが多すぎます。${inWords(seconds, ja)}後にもう一度お試しください。`,
    unavailable:
      "現在、処理を完了できませんでした。データは失われていません。しばらくしてからもう一度お試しください。",
    unsupported: "この種類のトークンではその操作を行えません。",
    not_found: "このアドレスには何もありません。",
    internal: "サーバー側で問題が発生しました。しばらくしてからもう一度お試しください。",
  },
  problems: {
    too_short: ({ min }) => `${min}文字以上にしてください。`,
    too_long: ({ max, unit }) =>
      unit === "bytes"
        ? `${max}バイト以下にしてください。漢字、かな、絵文字は1文字で数バイトになります。`
        : `${max}文字以下にしてください。`,
    not_well_formed: () => "パスワードに無効な文字が含まれています。もう一度入力してください。",
    too_common: () => "このパスワードはよく使われているものです。推測されにくいものを選んでください。",
    breached: () => "このパスワードは過去のデータ漏えいで確認されています。別のものを選んでください。",
    unchecked: () => "このパスワードを確認できませんでした。しばらくしてからもう一度お試しください。",
    entirely_numeric: () => "文字または記号を追加してください。数字だけでは推測されやすくなります。",
    too_similar: ({ attribute }) => `${nameOf(attribute)}に似すぎています。`,
  },
  email: {
    greeting: (name) => (name === undefined ? "お客様" : `${name} 様`),
    reset: {
      subject: ({ app }) => `${app}：パスワードの再設定`,
      intro: ({ app }) => `${app} のアカウントについて、パスワード再設定のリクエストを受け付けました。`,
      preview: ({ time }) => `新しいパスワードを設定してください。リンクの有効期間は${time}です。`,
      action: "パスワードを再設定",
      notYou: "お心当たりがない場合は、このメールを無視してください。パスワードは変更されません。",
    },
    invitation: {
      subject: ({ app }) => `${app}：アカウントの準備ができました`,
      intro: ({ app }) => `${app} にお客様のアカウントが作成されました。パスワードを設定してご利用ください。`,
      action: "パスワードを設定",
      notYou: "お心当たりがない場合は、このメールを無視してください。",
    },
    expiry: ({ time }) => `このリンクは1回のみ有効で、有効期間は${time}です。`,
    openLink: "次のリンクを開いて手続きを進めてください：",
    copyLink: "ボタンが機能しない場合は、次のリンクをブラウザーに貼り付けてください：",
    code: ({ time }) =>
      `または、再設定を申し込んだページで次のコードを入力してください。有効期間は${time}です：`,
    changed: {
      subject: ({ app }) => `${app}：パスワードが変更されました`,
      intro: ({ app }) => `${app} のアカウントのパスワードが変更されました。`,
      when: "日時",
      device: "デバイス",
      network: "ネットワーク",
      wasYou: "ご本人による変更の場合、ほかに必要な操作はありません。",
      notYou:
        "お心当たりがない場合は、第三者がアカウントまたはメールにアクセスしている可能性があります。まずメールのパスワードを変更し、その後、ログインページからパスワードの再設定をお申し込みください。",
    },
    unknown: {
      subject: ({ app }) => `${app}：パスワード再設定のお申し込みについて`,
      intro: ({ app }) =>
        `このメールアドレスについて ${app} でパスワード再設定の申し込みがありましたが、再設定できるアカウントが見つかりませんでした。`,
      wasYou: "ご本人の場合は、登録時のメールアドレスでお試しください。",
      notYou: "お心当たりがない場合は、このメールを無視してください。何も変更されていません。",
    },
    ineligible: {
      subject: ({ app }) => `${app}：パスワード再設定のお申し込みについて`,
      intro: ({ app }) => `${app} のアカウントについて、パスワード再設定の申し込みがありました。`,
      no_password: "このアカウントではパスワードを使用していません。いつもの方法でログインしてください。",
      closed: "このアカウントは閉鎖されているため、パスワードを再設定できません。",
      other: "このアカウントのパスワードはメールでは再設定できません。",
      notYou: "お心当たりがない場合は、このメールを無視してください。何も変更されていません。",
    },
    support: "ご不明な点はこちらへお問い合わせください：",
    automatic: ({ app }) => `このメールは ${app} から自動送信されています。`,
  },
  pages: {
    error: "エラー",
    tryAgainIn: (wait) => `${wait}後にもう一度お試しください。`,
    form: {
      address: "メールアドレス",
      name: "ユーザー名",
      blankAddress: "メールアドレスを入力してください。",
      blankName: "ユーザー名を入力してください。",
      backToLogin: "ログインに戻る",
    },
    ask: {
      title: "パスワードをお忘れですか？",
      text: (address) =>
        `アカウントの${address ? "メールアドレス" : "ユーザー名"}を入力してください。パスワードを再設定するためのリンクをお送りします。`,
      send: "リンクを送信",
    },
    sent: {
      title: "メールをご確認ください",
      text: "入力内容に一致するアカウントがある場合、再設定用のリンクをお送りしました。リンクは1回のみ有効で、まもなく有効期限が切れます。",
      help: "数分たっても届かない場合は、迷惑メールフォルダーを確認するか、登録時のメールアドレスまたはユーザー名でお試しください。",
      again: "別のリンクを送信",
      enterCode: "代わりにコードを入力",
    },
    code: {
      title: "コードを入力",
      text: "お送りしたメッセージのコードを入力してください。有効期限は数分です。",
      code: "コード",
      blankCode: "コードを入力してください。",
      wrong:
        "コードが正しくないか、有効期限が切れています。同じメッセージのリンクはまだ使える場合があります。",
      goOn: "次へ",
      again: "新しいコードを送信",
    },
    choose: {
      title: "新しいパスワードを設定",
      account: "アカウント",
      password: "新しいパスワード",
      rule: ({ min }) => `${min}文字以上。`,
      hint: "関連のない単語をいくつか組み合わせると、覚えやすく強いパスワードになります。",
      secondFactor: "認証アプリのコード",
      secondFactorWrong: "アプリに現在表示されているコードを入力してください。",
      repeat: "新しいパスワード（確認）",
      blankPassword: "新しいパスワードを入力してください。",
      different: "パスワードが一致しません。もう一度入力してください。",
      save: "パスワードを保存",
    },
    done: {
      title: "パスワードを保存しました",
      text: "新しいパスワードでログインできます。以前にお送りした再設定用のリンクは使えなくなりました。",
      signedOut: "安全のため、すべてのデバイスからログアウトしました。",
      login: "ログイン",
    },
    over: {
      title: "このリンクは使えなくなりました",
      text: "再設定用のリンクには有効期限があり、それぞれ1回しか使えません。リンクの一部が欠けている可能性もあります。",
      help: "メッセージを受け取ったばかりの場合は、リンクをもう一度開いてください。それ以外の場合は、新しいリンクを送信してください。",
      again: "新しいリンクを送信",
    },
    stale: {
      title: "このページは有効期限が切れました",
      text: "何も変更されていません。続けるには、ページを開き直してください。何度も起こる場合は、このサイトの Cookie を許可してください。",
      again: "ページを開き直す",
    },
    noCookies: {
      title: "続けるには Cookie を有効にしてください",
      text: "お使いのブラウザーまたはアプリが、このサイトの Cookie をブロックしています。許可するか、別のブラウザーでリンクを開いてください。",
    },
    throttled: {
      title: "リクエストが多すぎます",
      text: "お使いのネットワークから多数のリクエストがありました。すでにリンクを申し込んだ場合は、受信トレイと迷惑メールフォルダーをご確認ください。最新のリンクは有効期限まで使えます。",
    },
    unavailable: { title: "一時的に利用できません" },
    refused: {
      title: "問題が発生しました",
      text: "送信された内容を読み取れませんでした。前のページに戻って、もう一度お試しください。",
    },
  },
};

const nameOf = attributeNames(
  {
    username: "ユーザー名",
    name: "お名前",
    firstName: "名",
    lastName: "姓",
    email: "メールアドレス",
  },
  (attribute) => `「${attribute}」の値`,
);
