import type { Sentences } from "./en.js";

/** German, in the polite form. @module */
export const de: Sentences = {
  tag: "de",
  api: {
    fields: {
      required: "Dieses Feld ist erforderlich.",
      blank: "Dieses Feld darf nicht leer sein.",
      null: "Dieses Feld darf nicht null sein.",
      not_text: "Hier wird Text erwartet.",
      invalid_address: "Geben Sie eine gültige E-Mail-Adresse ein.",
      invalid_text: "Geben Sie einen gültigen Wert ein.",
      null_character: "Nullzeichen sind hier nicht erlaubt.",
      not_well_formed: "Hier steht ein halbes Zeichen; senden Sie wohlgeformtes Unicode.",
      too_long: "Das ist zu lang.",
    },
    not_an_object: (kind) => `Senden Sie ein Objekt mit den Feldern als Mitgliedern, nicht ${kind}.`,
    no_data: "Senden Sie ein Objekt mit den Feldern als Mitgliedern.",
    malformed_body: {
      encoding: "Der Inhalt ist kein Text im Zeichensatz, den sein Typ nennt, oder beginnt mit einer Marke.",
      json: "Der Inhalt ist kein gültiges JSON.",
      form: "Der Inhalt ist kein gültiges Formular.",
    },
    unsupported_media_type: (type) =>
      `Inhalte vom Typ „${type}“ werden hier nicht gelesen. Senden Sie JSON oder ein Formular, in UTF-8.`,
    method_not_allowed: (method) => `Die Methode „${method}“ ist hier nicht erlaubt.`,
    not_acceptable: "Antworten gibt es hier als application/json oder application/problem+json.",
    body_too_large: "Der Inhalt der Anfrage ist zu groß.",
    body_timeout: "Der Inhalt der Anfrage kam zu langsam an.",
    invalid_token: "Dieser Link oder Code gilt nicht mehr. Fordern Sie einen neuen an.",
    unknown_account: "Zu dieser Adresse gibt es kein Konto, das sich zurücksetzen ließe.",
    vetoed: "Das Passwort lässt sich gerade nicht zurücksetzen.",
    throttled: (seconds) =>
      `Zu viele Anfragen. Versuchen Sie es in ${seconds} ${seconds === 1 ? "Sekunde" : "Sekunden"} wieder.`,
    unavailable: "Der Dienst ist ausgelastet. Es ging nichts verloren; versuchen Sie es gleich noch einmal.",
    unsupported: "Mit diesen Token geht das nicht.",
    not_found: "Hier ist nichts.",
    internal: "Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.",
  },
  problems: {
    too_short: ({ min }) => `Dieses Passwort ist zu kurz. Es muss mindestens ${min} Zeichen haben.`,
    too_long: ({ max, unit }) =>
      unit === "bytes"
        ? `Dieses Passwort ist zu lang. Es darf höchstens ${max} Bytes haben; Umlaute und Symbole zählen mehrfach.`
        : `Dieses Passwort ist zu lang. Es darf höchstens ${max} Zeichen haben.`,
    not_well_formed: () => "Dieses Passwort enthält ein halbes Zeichen; geben Sie es noch einmal ein.",
    too_common: () =>
      "Dieses Passwort gehört zu denen, die als erste durchprobiert werden. Wählen Sie ein anderes.",
    entirely_numeric: () => "Dieses Passwort besteht nur aus Ziffern. Nehmen Sie noch etwas anderes hinzu.",
    too_similar: ({ attribute }) => `Dieses Passwort ähnelt zu sehr ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Guten Tag," : `Guten Tag ${name},`),
    reset: {
      subject: ({ app }) => `Ihr neues Passwort für ${app}`,
      intro: ({ app }) =>
        `jemand, hoffentlich Sie, hat ein neues Passwort für Ihr Konto bei ${app} angefordert.`,
      action: "Neues Passwort wählen",
      notYou: "Wenn Sie das nicht waren, brauchen Sie nichts zu tun. Ihr Passwort bleibt, wie es ist.",
    },
    invitation: {
      subject: ({ app }) => `Ihr Konto bei ${app}`,
      intro: ({ app }) =>
        `bei ${app} wurde ein Konto für Sie angelegt. Wählen Sie ein Passwort, und es gehört Ihnen.`,
      action: "Passwort wählen",
      notYou: "Wenn Ihnen das nichts sagt, brauchen Sie nichts zu tun.",
    },
    expiry: ({ time }) => `Der Link funktioniert einmal. Gültigkeit: ${time}.`,
    openLink: "Öffnen Sie diesen Link:",
    copyLink: "Wenn die Schaltfläche nicht funktioniert, kopieren Sie diesen Link in Ihren Browser:",
    code: ({ time }) =>
      `Oder geben Sie diesen Code auf der Seite ein, auf der Sie angefragt haben. Er gilt ${time}:`,
    changed: {
      subject: ({ app }) => `Ihr Passwort für ${app} wurde geändert`,
      intro: ({ app }) => `das Passwort Ihres Kontos bei ${app} wurde geändert.`,
      when: "Zeit",
      device: "Gerät",
      network: "Netz",
      wasYou: "Wenn Sie das waren, ist nichts weiter zu tun.",
      notYou:
        "Wenn Sie das nicht waren, ist jemand anderes in Ihr Konto oder in Ihr Postfach gelangt. Ändern Sie zuerst das Passwort Ihres Postfachs und fordern Sie dann auf unserer Anmeldeseite ein neues an.",
    },
    unknown: {
      subject: ({ app }) => `Kein Konto bei ${app}`,
      intro: ({ app }) =>
        `jemand, hoffentlich Sie, hat mit dieser Adresse ein neues Passwort bei ${app} angefordert. Mit ihr gibt es dort kein Konto.`,
      wasYou: "Wenn Sie das waren, versuchen Sie es mit einer anderen Ihrer Adressen.",
      notYou:
        "Wenn Sie das nicht waren, brauchen Sie nichts zu tun. Es wurde nichts geändert und niemand hat etwas erfahren.",
    },
    support: "Fragen? Schreiben Sie uns:",
    automatic: ({ app }) => `Eine automatische Mail von ${app}.`,
  },
  pages: {
    error: "Fehler",
    tryAgainIn: (wait) => `Nächster Versuch möglich in: ${wait}.`,
    form: {
      address: "E-Mail-Adresse",
      name: "Benutzername",
      blankAddress: "Geben Sie Ihre E-Mail-Adresse ein.",
      blankName: "Geben Sie Ihren Benutzernamen ein.",
      backToLogin: "Zurück zur Anmeldung",
    },
    ask: {
      title: "Passwort vergessen?",
      text: (address) =>
        `Geben Sie ${address ? "die E-Mail-Adresse" : "den Benutzernamen"} Ihres Kontos ein. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen können.`,
      send: "Link senden",
    },
    sent: {
      title: "Sehen Sie in Ihr Postfach",
      text: "Wenn es zu Ihrer Eingabe ein Konto gibt, ist eine Nachricht mit einem Link unterwegs. Der Link funktioniert einmal und nur eine Zeit lang.",
      help: "Nach einigen Minuten noch nichts da? Sehen Sie im Spam-Ordner nach, und prüfen Sie, ob Sie das eingegeben haben, womit Sie sich angemeldet hatten.",
      again: "Noch einmal anfordern",
      enterCode: "Code aus der Nachricht eingeben",
    },
    code: {
      title: "Code eingeben",
      text: "Geben Sie den Code aus unserer Nachricht ein. Er gilt nur einige Minuten.",
      code: "Code",
      blankCode: "Geben Sie den Code ein.",
      wrong:
        "Dieser Code stimmt nicht oder gilt nicht mehr. Der Link in derselben Nachricht funktioniert vielleicht noch.",
      goOn: "Weiter",
    },
    choose: {
      title: "Neues Passwort wählen",
      account: "Konto",
      password: "Neues Passwort",
      hint: "Es kommt auf die Länge an: Gut sind ein paar Wörter, die nicht zusammengehören.",
      repeat: "Neues Passwort, noch einmal",
      blankPassword: "Geben Sie ein neues Passwort ein.",
      different: "Die beiden Passwörter sind nicht gleich. Geben Sie sie noch einmal ein.",
      save: "Neues Passwort speichern",
    },
    done: {
      title: "Ihr Passwort ist geändert",
      text: "Ab jetzt gilt das neue Passwort und das alte nicht mehr.",
      login: "Anmelden",
    },
    over: {
      title: "Dieser Link gilt nicht mehr",
      text: "Er wurde schon benutzt, es ist zu viel Zeit vergangen, oder es fehlt ein Stück von ihm. Es wurde nichts geändert.",
      help: "Wenn die Nachricht neu ist, öffnen Sie ihren Link noch einmal. Sonst fordern Sie einen anderen an.",
      again: "Neuen Link anfordern",
    },
    stale: {
      title: "Dieses Formular ist veraltet",
      text: "Es wurde nichts geändert. Öffnen Sie das Formular neu und senden Sie es noch einmal. Ihr Browser muss dafür Cookies annehmen.",
      again: "Formular neu öffnen",
    },
    throttled: {
      title: "Zu viele Anfragen",
      text: "Von Ihrer Internetadresse kamen in letzter Zeit viele Anfragen.",
    },
    unavailable: { title: "Einen Augenblick" },
    refused: { title: "Das hat nicht geklappt", text: "Was hier ankam, ließ sich nicht lesen." },
  },
};

const names: Readonly<Record<string, string>> = {
  username: "dem Benutzernamen",
  name: "dem Namen",
  firstName: "dem Vornamen",
  lastName: "dem Nachnamen",
  email: "der E-Mail-Adresse",
};

function nameOf(attribute: string): string {
  return Object.hasOwn(names, attribute) ? names[attribute]! : `dem Wert von „${attribute}“`;
}
