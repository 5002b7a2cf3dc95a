import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** German, with the polite "Sie". @module */
export const de: Sentences = {
  tag: "de",
  api: {
    fields: {
      required: "Dieses Feld ist erforderlich.",
      blank: "Dieses Feld darf nicht leer sein.",
      null: "Dieses Feld darf nicht null sein.",
      not_text: "Dieses Feld muss Text enthalten.",
      invalid_address: "Geben Sie eine gültige E-Mail-Adresse ein.",
      invalid_text: "Geben Sie einen gültigen Wert ein.",
      invisible_character:
        "Hier ist ein unsichtbares Zeichen enthalten. Löschen Sie alles und tippen Sie es neu ein.",
      null_character: "Dieses Feld darf keine Nullzeichen enthalten.",
      not_well_formed: "Dieses Feld enthält ein ungültiges Zeichen. Senden Sie wohlgeformtes Unicode.",
      too_long: "Das ist zu lang.",
    },
    not_an_object: (kind) =>
      `Senden Sie ein JSON-Objekt mit den Feldern als Eigenschaften, nicht JSON vom Typ „${kind}“.`,
    no_data: "Senden Sie ein Objekt mit den Feldern als Eigenschaften.",
    malformed_body: {
      encoding:
        "Der Inhalt der Anfrage passt nicht zu seiner Zeichenkodierung oder beginnt mit einer Bytereihenfolge-Markierung.",
      json: "Der Inhalt der Anfrage ist kein gültiges JSON.",
      form: "Der Inhalt der Anfrage ist kein gültiges Formular.",
    },
    unsupported_media_type: (type) =>
      `Der Inhaltstyp „${type}“ wird nicht unterstützt. Senden Sie JSON oder ein Formular, kodiert als UTF-8.`,
    method_not_allowed: (method) => `Die Methode ${method} ist hier nicht erlaubt.`,
    not_acceptable: "Antworten gibt es als application/json oder application/problem+json.",
    body_too_large: "Die Anfrage ist zu groß.",
    body_timeout: "Die Übertragung der Anfrage hat zu lange gedauert. Versuchen Sie es erneut.",
    invalid_token: "Dieser Link oder Code ist ungültig oder abgelaufen. Fordern Sie einen neuen an.",
    unknown_account: "Wir haben kein Konto gefunden, das zu Ihrer Eingabe passt.",
    second_factor: "Geben Sie den Code aus Ihrer Authenticator-App ein.",
    cross_site:
      "Dieses Formular kam von einer anderen Website. Senden Sie JSON, oder bitten Sie den Betreiber, sie zuzulassen.",
    vetoed:
      "Dieses Passwort lässt sich gerade nicht zurücksetzen. Versuchen Sie es später erneut oder wenden Sie sich an den Support.",
    throttled: (seconds) =>
      `Zu viele Anfragen. Warten Sie noch ${inWords(seconds, de)} und versuchen Sie es dann erneut.`,
    unavailable:
      "Das hat gerade nicht geklappt. Es ging nichts verloren. Versuchen Sie es gleich noch einmal.",
    unsupported: "Diese Art von Token unterstützt das nicht.",
    not_found: "Unter dieser Adresse gibt es nichts.",
    internal: "Bei uns ist etwas schiefgegangen. Versuchen Sie es gleich noch einmal.",
  },
  problems: {
    too_short: ({ min }) => `Verwenden Sie mindestens ${min} Zeichen.`,
    too_long: ({ max, unit }) =>
      unit === "bytes"
        ? `Verwenden Sie höchstens ${bytes(max)}. Umlaute und Emojis zählen mehrfach.`
        : `Verwenden Sie höchstens ${max} Zeichen.`,
    not_well_formed: () => "Ihr Passwort enthält ein ungültiges Zeichen. Geben Sie es noch einmal ein.",
    too_common: () => "Dieses Passwort ist zu verbreitet. Wählen Sie eines, das schwerer zu erraten ist.",
    too_weak: () => "Dieses Passwort ist leicht zu erraten. Fügen Sie noch ein oder zwei Wörter hinzu.",
    breached: () => "Dieses Passwort ist aus einem Datenleck bekannt. Wählen Sie ein anderes.",
    unchecked: () => "Wir konnten dieses Passwort nicht prüfen. Versuchen Sie es gleich noch einmal.",
    entirely_numeric: () =>
      "Fügen Sie einen Buchstaben oder ein Sonderzeichen hinzu. Reine Zahlen sind leicht zu erraten.",
    too_similar: ({ attribute }) => `Das ähnelt zu sehr ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Guten Tag," : `Guten Tag ${name},`),
    reset: {
      subject: ({ app }) => `Passwort für ${app} zurücksetzen`,
      intro: ({ app }) =>
        `wir haben eine Anfrage erhalten, das Passwort für Ihr Konto bei ${app} zurückzusetzen.`,
      preview: ({ time }) => `Wählen Sie ein neues Passwort. Der Link ist ${time} gültig.`,
      action: "Passwort zurücksetzen",
      notYou:
        "Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren. Ihr Passwort bleibt unverändert.",
    },
    invitation: {
      subject: ({ app }) => `Ihr Konto bei ${app} ist bereit`,
      intro: ({ app }) =>
        `bei ${app} wurde ein Konto für Sie angelegt. Wählen Sie ein Passwort, um es zu nutzen.`,
      action: "Passwort wählen",
      notYou: "Wenn Sie das nicht erwartet haben, können Sie diese E-Mail ignorieren.",
    },
    expiry: ({ time }) => `Der Link funktioniert einmal und ist ${time} gültig.`,
    openLink: "Öffnen Sie diesen Link, um fortzufahren:",
    copyLink: "Wenn die Schaltfläche nicht funktioniert, kopieren Sie diesen Link in Ihren Browser:",
    code: ({ time }) =>
      `Oder geben Sie diesen Code auf der Seite ein, auf der Sie das Zurücksetzen angefordert haben. Er ist ${time} gültig:`,
    changed: {
      subject: ({ app }) => `Ihr Passwort für ${app} wurde geändert`,
      intro: ({ app }) => `das Passwort für Ihr Konto bei ${app} wurde geändert.`,
      when: "Zeitpunkt",
      device: "Gerät",
      network: "Netzwerk",
      wasYou: "Wenn Sie das waren, ist nichts weiter zu tun.",
      notYou:
        "Wenn Sie das nicht waren, hat möglicherweise jemand Zugriff auf Ihr Konto oder Ihr E-Mail-Postfach. Ändern Sie zuerst das Passwort Ihres Postfachs. Fordern Sie dann auf unserer Anmeldeseite ein neues Passwort an.",
    },
    unknown: {
      subject: ({ app }) => `Ihre Anfrage zum Passwort bei ${app}`,
      intro: ({ app }) =>
        `für diese E-Mail-Adresse wurde bei ${app} ein neues Passwort angefordert. Wir haben aber kein Konto gefunden, dessen Passwort sich zurücksetzen lässt.`,
      wasYou:
        "Wenn Sie das waren, versuchen Sie es mit der E-Mail-Adresse, mit der Sie sich registriert haben.",
      notYou: "Wenn Sie das nicht waren, können Sie diese E-Mail ignorieren. Es wurde nichts geändert.",
    },
    ineligible: {
      subject: ({ app }) => `Ihre Anfrage zum Passwort bei ${app}`,
      intro: ({ app }) => `für Ihr Konto bei ${app} wurde ein neues Passwort angefordert.`,
      no_password: "Ihr Konto hat kein Passwort. Melden Sie sich an wie sonst auch.",
      closed: "Ihr Konto ist geschlossen. Sein Passwort lässt sich deshalb nicht zurücksetzen.",
      other: "Das Passwort dieses Kontos lässt sich nicht per E-Mail zurücksetzen.",
      notYou: "Wenn Sie das nicht waren, können Sie diese E-Mail ignorieren. Es wurde nichts geändert.",
    },
    support: "Fragen? Schreiben Sie uns:",
    automatic: ({ app }) => `Dies ist eine automatische Nachricht von ${app}.`,
  },
  pages: {
    error: "Fehler",
    tryAgainIn: (wait) => `Warten Sie noch ${wait} und versuchen Sie es dann erneut.`,
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
        `Geben Sie ${address ? "die E-Mail-Adresse" : "den Benutzernamen"} Ihres Kontos ein. Wir senden Ihnen einen Link, mit dem Sie Ihr Passwort zurücksetzen können.`,
      send: "Link senden",
    },
    sent: {
      title: "Sehen Sie in Ihr Postfach",
      text: "Wenn ein Konto zu Ihrer Eingabe passt, ist ein Link zum Zurücksetzen unterwegs. Er funktioniert einmal und läuft bald ab.",
      help: "Nach einigen Minuten noch nichts da? Sehen Sie im Spam-Ordner nach, oder versuchen Sie es mit der E-Mail-Adresse oder dem Benutzernamen, womit Sie sich registriert haben.",
      again: "Weiteren Link anfordern",
      enterCode: "Stattdessen den Code eingeben",
    },
    code: {
      title: "Code eingeben",
      text: "Geben Sie den Code aus unserer Nachricht ein. Er läuft nach einigen Minuten ab.",
      code: "Code",
      blankCode: "Geben Sie den Code ein.",
      wrong:
        "Dieser Code ist falsch oder abgelaufen. Der Link in derselben Nachricht funktioniert vielleicht noch.",
      goOn: "Weiter",
      again: "Neuen Code anfordern",
    },
    choose: {
      title: "Neues Passwort wählen",
      account: "Konto",
      password: "Neues Passwort",
      rule: ({ min }) => `Mindestens ${min} Zeichen.`,
      hint: "Ein paar Wörter, die nichts miteinander zu tun haben, ergeben ein starkes Passwort, das leicht zu merken ist.",
      secondFactor: "Code aus Ihrer Authenticator-App",
      secondFactorWrong: "Geben Sie den aktuellen Code aus Ihrer App ein.",
      repeat: "Neues Passwort bestätigen",
      blankPassword: "Geben Sie ein neues Passwort ein.",
      different: "Die Passwörter stimmen nicht überein. Geben Sie sie noch einmal ein.",
      save: "Passwort speichern",
    },
    done: {
      title: "Ihr Passwort ist gespeichert",
      text: "Sie können sich jetzt damit anmelden. Links zum Zurücksetzen, die Sie vorher erhalten haben, funktionieren nicht mehr.",
      signedOut: "Zu Ihrer Sicherheit haben wir Sie auf allen Geräten abgemeldet.",
      login: "Anmelden",
    },
    over: {
      title: "Dieser Link funktioniert nicht mehr",
      text: "Links zum Zurücksetzen laufen ab, und jeder funktioniert nur einmal. Vielleicht fehlt auch ein Teil des Links.",
      help: "Wenn Sie die Nachricht gerade erst erhalten haben, öffnen Sie den Link noch einmal. Fordern Sie sonst einen neuen an.",
      again: "Neuen Link anfordern",
    },
    stale: {
      title: "Diese Seite ist abgelaufen",
      text: "Es wurde nichts geändert. Öffnen Sie die Seite neu, um fortzufahren. Wenn das öfter passiert, erlauben Sie Cookies für diese Website.",
      again: "Seite neu öffnen",
    },
    noCookies: {
      title: "Erlauben Sie Cookies, um fortzufahren",
      text: "Ihr Browser oder Ihre App blockiert Cookies für diese Website. Erlauben Sie sie, oder öffnen Sie den Link in einem anderen Browser.",
    },
    throttled: {
      title: "Zu viele Anfragen",
      text: "Aus Ihrem Netzwerk kamen zu viele Anfragen. Wenn Sie schon einen Link angefordert haben, sehen Sie in Ihrem Postfach und im Spam-Ordner nach: Der neueste funktioniert, bis er abläuft.",
    },
    unavailable: { title: "Vorübergehend nicht verfügbar" },
    refused: {
      title: "Etwas ist schiefgegangen",
      text: "Was hier ankam, ließ sich nicht lesen. Gehen Sie zurück und versuchen Sie es erneut.",
    },
  },
};

const bytes = plural("de", { one: "# Byte", other: "# Bytes" });

const nameOf = attributeNames(
  {
    username: "Ihrem Benutzernamen",
    name: "Ihrem Namen",
    firstName: "Ihrem Vornamen",
    lastName: "Ihrem Nachnamen",
    email: "Ihrer E-Mail-Adresse",
  },
  (attribute) => `dem Wert von „${attribute}“`,
);
