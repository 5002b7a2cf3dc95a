import type { AdminSentences } from "./en.js";

/** Was die Seiten für Administratoren sagen, auf Deutsch. */
export const de: AdminSentences = {
  tag: "de",
  sections: "Bereiche",
  links: "Links zum Zurücksetzen",
  queue: "Warteschlange",
  notFound: "Unter dieser Adresse gibt es nichts.",
  back: "Zurück zu den Links",
  search: {
    label: "Konto suchen",
    hint: "Womit sich die Person anmeldet, oder die ID des Kontos.",
    tenant: "Mandant",
    submit: "Suchen",
    blank: "Geben Sie ein, wonach gesucht werden soll.",
    none: "Kein Konto passt dazu.",
    several: "Mehrere Konten passen dazu.",
  },
  list: {
    none: "Zurzeit ist kein Link gültig.",
    unlisted:
      "Die Links dieser Anwendung sind signiert und werden nicht gespeichert. Deshalb lassen sie sich nicht auflisten. Jeder läuft von selbst ab, oder sobald sich das Passwort ändert.",
    partly: "Signierte Links werden nicht gespeichert und fehlen in dieser Liste.",
    sample: (count) =>
      `Es wurden nur ${count} gespeicherte Links gelesen. Suchen Sie nach einem Konto, um alle seine Links zu sehen.`,
    pages: "Seiten",
    page: (page, pages) => `Seite ${page} von ${pages}`,
    newer: "Neuere",
    older: "Ältere",
    next: "Nächste Seite",
    first: "Erste Seite",
  },
  link: {
    created: "Erstellt",
    expires: "Läuft ab",
    email: "E-Mail",
    delivery: {
      pending: "Noch nicht angenommen",
      accepted: "Vom Mailserver angenommen",
      failed: "Konnte nicht gesendet werden",
    },
    ip: "Angefordert von",
    userAgent: "Browser",
    issued: "Von Ihrem Team gesendet",
    code: "Mit Einmalcode",
    yes: "Ja",
  },
  account: {
    id: "ID",
    tenant: "Mandant",
    alsoKnownAs: "Auch bekannt als",
    gone: "Dieses Konto gibt es nicht mehr.",
    unreadable: "Das Konto gibt es nicht mehr, oder es lässt sich nicht lesen.",
    notEligible: "Dieses Konto kann sein Passwort nicht zurücksetzen: Ihre Anwendung lässt es nicht zu.",
    links: (count) => (count === 1 ? "1 gültiger Link" : `${count} gültige Links`),
    send: "Link zum Zurücksetzen senden",
    sent: "Ein Link ist in der Warteschlange. Er geht an die gespeicherte E-Mail-Adresse des Kontos.",
    refused: "Es wurde kein Link gesendet, weil dieses Konto sein Passwort nicht zurücksetzen kann.",
    revoke: "Alle Links widerrufen",
    revoked: "Alle Links dieses Kontos wurden widerrufen.",
    unsupported:
      "Signierte Links lassen sich nicht widerrufen. Sie laufen von selbst ab, oder sobald sich das Passwort des Kontos ändert. Gespeicherte Links dieses Kontos wurden widerrufen.",
  },
  jobs: {
    none: "Die Warteschlange ist leer.",
    idle: "Nichts wartet auf einen Worker.",
    waiting: (count, age) =>
      `${count} ${count === 1 ? "Eintrag wartet" : "Einträge warten"} auf einen Worker. Der älteste ist ${age} alt.`,
    inMemory:
      "Die Warteschlange liegt im Speicher dieses Prozesses. Einträge anderer Prozesse sind nicht zu sehen.",
    kinds: {
      request: "Angeforderter Link zum Zurücksetzen",
      issue: "Link zum Zurücksetzen, den Ihre Anwendung sendet",
      finish: "Sitzungen nach einer Passwortänderung beenden",
      changed: "E-Mail über ein geändertes Passwort",
      unknown: "Auftrag einer früheren Version",
    },
    added: "Hinzugefügt",
    ago: (age) => `vor ${age}`,
    next: "Nächster Versuch",
    attempts: "Gescheiterte Versuche",
    failure: "Letzter Fehler",
    foreign:
      "Verschlüsselt mit einem Geheimnis, das diese Anwendung nicht hat. Der Eintrag gehört vielleicht einer anderen.",
    drop: "Eintrag verwerfen",
  },
  drop: {
    title: "Diesen Eintrag verwerfen?",
    effects: {
      request: "Auf diese Anfrage folgt keine E-Mail. Es kann ein neuer Link angefordert werden.",
      issue: "Das Konto bekommt keine E-Mail. Sie können einen neuen Link senden.",
      finish:
        "Das Passwort des Kontos wurde vielleicht geändert. Seine Sitzungen bleiben dann angemeldet: Beenden Sie sie von Hand.",
      changed: "Die Person, der das Konto gehört, erfährt nicht, dass das Passwort geändert wurde.",
      unknown: "Was er getan hätte, geschieht nicht.",
    },
    submit: "Verwerfen",
    cancel: "Zurück zur Warteschlange",
    done: "Der Eintrag wurde verworfen.",
    gone: "Dieser Eintrag ist nicht mehr in der Warteschlange.",
  },
};
