import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** Polish, with the imperative of "ty", as Polish apps address their users. @module */
export const pl: Sentences = {
  tag: "pl",
  // In the accusative, which "za" and "przez" ask for.
  units: {
    second: plural("pl", { one: "# sekundę", few: "# sekundy", many: "# sekund", other: "# sekundy" }),
    minute: plural("pl", { one: "# minutę", few: "# minuty", many: "# minut", other: "# minuty" }),
    hour: plural("pl", { one: "# godzinę", few: "# godziny", many: "# godzin", other: "# godziny" }),
    day: plural("pl", { one: "# dzień", few: "# dni", many: "# dni", other: "# dnia" }),
  },
  api: {
    fields: {
      required: "To pole jest wymagane.",
      blank: "To pole nie może być puste.",
      null: "To pole nie może mieć wartości null.",
      not_text: "To pole musi zawierać tekst.",
      invalid_address: "Wpisz prawidłowy adres e-mail.",
      invalid_text: "Wpisz prawidłową wartość.",
      invisible_character: "To pole zawiera niewidoczny znak. Wyczyść je i wpisz wszystko od nowa.",
      null_character: "To pole nie może zawierać znaków zerowych.",
      not_well_formed: "To pole zawiera nieprawidłowy znak. Wyślij poprawny tekst Unicode.",
      too_long: "To jest za długie.",
    },
    not_an_object: (kind) => `Wyślij obiekt JSON z polami jako właściwościami, a nie JSON typu „${kind}”.`,
    no_data: "Wyślij obiekt z polami jako właściwościami.",
    malformed_body: {
      encoding:
        "Treść żądania nie pasuje do swojego kodowania znaków albo zaczyna się od znacznika kolejności bajtów.",
      json: "Treść żądania nie jest prawidłowym JSON-em.",
      form: "Treść żądania nie jest prawidłowym formularzem.",
    },
    unsupported_media_type: (type) =>
      `Typ treści „${type}” nie jest obsługiwany. Wyślij JSON lub formularz w kodowaniu UTF-8.`,
    method_not_allowed: (method) => `Metoda ${method} nie jest tutaj dozwolona.`,
    not_acceptable: "Odpowiedzi są dostępne jako application/json lub application/problem+json.",
    body_too_large: "Żądanie jest za duże.",
    body_timeout: "Żądanie docierało zbyt długo. Spróbuj ponownie.",
    invalid_token: "Ten link lub kod jest nieprawidłowy albo wygasł. Poproś o nowy.",
    unknown_account: "Nie znaleźliśmy konta pasującego do wpisanych danych.",
    second_factor: "Wpisz kod z aplikacji uwierzytelniającej.",
    cross_site:
      "Ten formularz wysłano z innej witryny. Wyślij JSON albo poproś właściciela witryny, żeby na to zezwolił.",
    vetoed:
      "Nie możemy teraz zresetować tego hasła. Spróbuj później albo skontaktuj się z pomocą techniczną.",
    throttled: (seconds) => `Zbyt wiele próśb. Spróbuj ponownie za ${inWords(seconds, pl)}.`,
    unavailable: "Nie udało się tego teraz zrobić. Nic nie przepadło, więc spróbuj ponownie za chwilę.",
    unsupported: "Ten rodzaj tokenu na to nie pozwala.",
    not_found: "Pod tym adresem nic nie ma.",
    internal: "Coś poszło nie tak po naszej stronie. Spróbuj ponownie za chwilę.",
  },
  problems: {
    too_short: ({ min }) => atLeast(min),
    too_long: ({ max, unit }) => (unit === "bytes" ? atMostBytes(max) : atMost(max)),
    not_well_formed: () => "Hasło zawiera nieprawidłowy znak. Wpisz je jeszcze raz.",
    too_common: () => "To hasło jest zbyt popularne. Wybierz takie, które trudniej odgadnąć.",
    too_weak: () => "To hasło łatwo odgadnąć. Dodaj jedno lub dwa nietypowe słowa.",
    breached: () => "To hasło pojawiło się w wycieku danych. Wybierz inne.",
    unchecked: () => "Nie udało się sprawdzić tego hasła. Spróbuj ponownie za chwilę.",
    entirely_numeric: () => "Dodaj literę lub symbol. Same cyfry łatwo odgadnąć.",
    too_similar: ({ attribute }) => `To hasło jest zbyt podobne do ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Cześć," : `Cześć ${name},`),
    reset: {
      subject: ({ app }) => `Zresetuj hasło do ${app}`,
      intro: ({ app }) => `Otrzymaliśmy prośbę o zresetowanie hasła do Twojego konta w ${app}.`,
      preview: ({ time }) => `Wybierz nowe hasło. Link wygaśnie za ${time}.`,
      action: "Zresetuj hasło",
      notYou: "Jeśli to nie Twoja prośba, zignoruj tę wiadomość. Twoje hasło się nie zmieni.",
    },
    invitation: {
      subject: ({ app }) => `Twoje konto w ${app} jest gotowe`,
      intro: ({ app }) => `W ${app} utworzono dla Ciebie konto. Wybierz hasło, aby zacząć z niego korzystać.`,
      action: "Wybierz hasło",
      notYou: "Jeśli nie spodziewasz się tej wiadomości, zignoruj ją.",
    },
    expiry: ({ time }) => `Ten link działa tylko raz i wygaśnie za ${time}.`,
    openLink: "Otwórz ten link, aby kontynuować:",
    copyLink: "Jeśli przycisk nie działa, skopiuj ten link do przeglądarki:",
    code: ({ time }) =>
      `Możesz też wpisać ten kod na stronie, na której poproszono o zmianę hasła. Kod wygaśnie za ${time}:`,
    changed: {
      subject: ({ app }) => `Hasło do ${app} zostało zmienione`,
      intro: ({ app }) => `Hasło do Twojego konta w ${app} zostało zmienione.`,
      when: "Kiedy",
      device: "Urządzenie",
      network: "Sieć",
      wasYou: "Jeśli to Twoja zmiana, nie musisz nic więcej robić.",
      notYou:
        "Jeśli to nie Twoja zmiana, ktoś może mieć dostęp do Twojego konta lub poczty. Najpierw zmień hasło do poczty, a potem poproś o zresetowanie hasła na naszej stronie logowania.",
    },
    unknown: {
      subject: ({ app }) => `Twoja prośba o zresetowanie hasła do ${app}`,
      intro: ({ app }) =>
        `Ktoś poprosił w ${app} o zresetowanie hasła dla tego adresu e-mail, ale nie znaleźliśmy konta, którego hasło można zresetować.`,
      wasYou: "Jeśli to Twoja prośba, spróbuj użyć adresu e-mail podanego przy rejestracji.",
      notYou: "Jeśli to nie Twoja prośba, zignoruj tę wiadomość. Nic się nie zmieniło.",
    },
    ineligible: {
      subject: ({ app }) => `Twoja prośba o zresetowanie hasła do ${app}`,
      intro: ({ app }) => `Ktoś poprosił o zresetowanie hasła do Twojego konta w ${app}.`,
      no_password: "Twoje konto nie ma hasła. Zaloguj się tak jak zwykle.",
      closed: "Twoje konto jest zamknięte, więc jego hasła nie można zresetować.",
      other: "Hasła do tego konta nie można zresetować e-mailem.",
      notYou: "Jeśli to nie Twoja prośba, zignoruj tę wiadomość. Nic się nie zmieniło.",
    },
    support: "Masz pytania? Napisz do nas:",
    automatic: ({ app }) => `To automatyczna wiadomość od ${app}.`,
  },
  pages: {
    error: "Błąd",
    tryAgainIn: (wait) => `Spróbuj ponownie za ${wait}.`,
    form: {
      address: "Adres e-mail",
      name: "Nazwa użytkownika",
      blankAddress: "Wpisz swój adres e-mail.",
      blankName: "Wpisz swoją nazwę użytkownika.",
      backToLogin: "Wróć do logowania",
    },
    ask: {
      title: "Nie pamiętasz hasła?",
      text: (address) =>
        `Wpisz ${address ? "adres e-mail" : "nazwę użytkownika"} swojego konta, a wyślemy Ci link do zresetowania hasła.`,
      send: "Wyślij link",
    },
    sent: {
      title: "Sprawdź pocztę",
      text: "Jeśli jakieś konto pasuje do wpisanych danych, link do zresetowania hasła jest już w drodze. Działa tylko raz i wkrótce wygaśnie.",
      help: "Po kilku minutach nadal nic? Sprawdź folder ze spamem albo użyj adresu e-mail lub nazwy użytkownika z rejestracji.",
      again: "Poproś o kolejny link",
      enterCode: "Wpisz zamiast tego kod",
    },
    code: {
      title: "Wpisz kod",
      text: "Wpisz kod z wiadomości, którą Ci wysłaliśmy. Wygasa po kilku minutach.",
      code: "Kod",
      blankCode: "Wpisz kod.",
      wrong: "Ten kod jest nieprawidłowy albo wygasł. Link z tej samej wiadomości może jeszcze działać.",
      goOn: "Dalej",
      again: "Poproś o nowy kod",
    },
    choose: {
      title: "Wybierz nowe hasło",
      account: "Konto",
      password: "Nowe hasło",
      rule: ({ min }) => rule(min),
      hint: "Kilka niezwiązanych ze sobą słów to silne hasło, które łatwo zapamiętać.",
      secondFactor: "Kod z aplikacji uwierzytelniającej",
      secondFactorWrong: "Wpisz aktualny kod z aplikacji.",
      repeat: "Powtórz nowe hasło",
      blankPassword: "Wpisz nowe hasło.",
      different: "Hasła nie są takie same. Wpisz je jeszcze raz.",
      save: "Zapisz hasło",
    },
    done: {
      title: "Hasło zostało zapisane",
      text: "Możesz się już nim zalogować. Wysłane wcześniej linki do zresetowania hasła przestały działać.",
      signedOut: "Dla bezpieczeństwa wylogowaliśmy Cię na wszystkich urządzeniach.",
      login: "Zaloguj się",
    },
    over: {
      title: "Ten link już nie działa",
      text: "Linki do zresetowania hasła wygasają, a każdy z nich działa tylko raz. Może też brakować części linku.",
      help: "Jeśli wiadomość dopiero dotarła, otwórz jej link jeszcze raz. W przeciwnym razie poproś o nowy.",
      again: "Poproś o nowy link",
    },
    stale: {
      title: "Ta strona wygasła",
      text: "Nic się nie zmieniło. Otwórz stronę ponownie, aby kontynuować. Jeśli to się powtarza, zezwól tej witrynie na pliki cookie.",
      again: "Otwórz stronę ponownie",
    },
    noCookies: {
      title: "Włącz pliki cookie, aby kontynuować",
      text: "Przeglądarka lub aplikacja blokuje pliki cookie tej witryny. Zezwól na nie albo otwórz link w innej przeglądarce.",
    },
    throttled: {
      title: "Zbyt wiele próśb",
      text: "Otrzymaliśmy zbyt wiele próśb z Twojej sieci. Jeśli masz już wysłany link, sprawdź skrzynkę odbiorczą i folder ze spamem: najnowszy działa, dopóki nie wygaśnie.",
    },
    unavailable: { title: "Chwilowo niedostępne" },
    refused: {
      title: "Coś poszło nie tak",
      text: "Nie udało się odczytać wysłanych danych. Wróć i spróbuj ponownie.",
    },
  },
};

const atLeast = plural("pl", {
  one: "Użyj co najmniej # znaku.",
  few: "Użyj co najmniej # znaków.",
  many: "Użyj co najmniej # znaków.",
  other: "Użyj co najmniej # znaku.",
});
const atMost = plural("pl", {
  one: "Użyj najwyżej # znaku.",
  few: "Użyj najwyżej # znaków.",
  many: "Użyj najwyżej # znaków.",
  other: "Użyj najwyżej # znaku.",
});
const atMostBytes = plural("pl", {
  one: "Użyj najwyżej # bajtu. Litery ze znakami diakrytycznymi i emoji zajmują ich kilka.",
  few: "Użyj najwyżej # bajtów. Litery ze znakami diakrytycznymi i emoji zajmują ich kilka.",
  many: "Użyj najwyżej # bajtów. Litery ze znakami diakrytycznymi i emoji zajmują ich kilka.",
  other: "Użyj najwyżej # bajtu. Litery ze znakami diakrytycznymi i emoji zajmują ich kilka.",
});
const rule = plural("pl", {
  one: "Co najmniej # znak.",
  few: "Co najmniej # znaki.",
  many: "Co najmniej # znaków.",
  other: "Co najmniej # znaku.",
});

const nameOf = attributeNames(
  {
    username: "Twojej nazwy użytkownika",
    name: "Twojego imienia i nazwiska",
    firstName: "Twojego imienia",
    lastName: "Twojego nazwiska",
    email: "Twojego adresu e-mail",
  },
  (attribute) => `wartości „${attribute}”`,
);
