import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** Italian, with "tu". @module */
export const it: Sentences = {
  tag: "it",
  api: {
    fields: {
      required: "Questo campo è obbligatorio.",
      blank: "Questo campo non può essere vuoto.",
      null: "Questo campo non può essere nullo.",
      not_text: "Questo campo deve contenere testo.",
      invalid_address: "Inserisci un indirizzo email valido.",
      invalid_text: "Inserisci un valore valido.",
      invisible_character: "Questo campo contiene un carattere invisibile. Cancella tutto e riscrivilo.",
      null_character: "Questo campo non può contenere caratteri nulli.",
      not_well_formed: "Questo campo contiene un carattere non valido. Invia Unicode ben formato.",
      too_long: "È troppo lungo.",
    },
    not_an_object: (kind) => `Invia un oggetto JSON con i campi come proprietà, non JSON di tipo «${kind}».`,
    no_data: "Invia un oggetto con i campi come proprietà.",
    malformed_body: {
      encoding:
        "Il corpo della richiesta non corrisponde alla sua codifica dei caratteri o inizia con un indicatore dell’ordine dei byte.",
      json: "Il corpo della richiesta non è JSON valido.",
      form: "Il corpo della richiesta non è un modulo valido.",
    },
    unsupported_media_type: (type) =>
      `Il tipo di contenuto «${type}» non è supportato. Invia JSON o un modulo, in codifica UTF-8.`,
    method_not_allowed: (method) => `Il metodo ${method} non è consentito qui.`,
    not_acceptable: "Le risposte sono disponibili come application/json o application/problem+json.",
    body_too_large: "La richiesta è troppo grande.",
    body_timeout: "La richiesta ha impiegato troppo tempo ad arrivare. Riprova.",
    invalid_token: "Questo link o codice non è valido o è scaduto. Richiedine uno nuovo.",
    unknown_account: "Non abbiamo trovato un account che corrisponda a quello che hai inserito.",
    second_factor: "Inserisci il codice della tua app di autenticazione.",
    cross_site:
      "Questo modulo è stato inviato da un altro sito. Invia JSON o chiedi al proprietario del sito di consentirlo.",
    vetoed: "Al momento non possiamo reimpostare questa password. Riprova più tardi o contatta l’assistenza.",
    throttled: (seconds) => `Troppe richieste. Riprova tra ${inWords(seconds, it)}.`,
    unavailable:
      "Al momento non è stato possibile completare l’operazione. Nulla è andato perso: riprova tra poco.",
    unsupported: "Questo tipo di token non lo permette.",
    not_found: "Non c’è nulla a questo indirizzo.",
    internal: "Qualcosa è andato storto da parte nostra. Riprova tra poco.",
  },
  problems: {
    too_short: ({ min }) => atLeast(min),
    too_long: ({ max, unit }) => (unit === "bytes" ? atMostBytes(max) : atMost(max)),
    not_well_formed: () => "La password contiene un carattere non valido. Scrivila di nuovo.",
    too_common: () => "Questa password è troppo comune. Scegline una più difficile da indovinare.",
    too_weak: () => "Questa password è facile da indovinare. Aggiungi una o due parole poco comuni.",
    breached: () => "Questa password compare in una violazione di dati. Scegline un’altra.",
    unchecked: () => "Non è stato possibile controllare questa password. Riprova tra poco.",
    entirely_numeric: () => "Aggiungi una lettera o un simbolo. I soli numeri sono facili da indovinare.",
    too_similar: ({ attribute }) => `È troppo simile ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Ciao," : `Ciao ${name},`),
    reset: {
      subject: ({ app }) => `Reimposta la tua password di ${app}`,
      intro: ({ app }) => `Abbiamo ricevuto una richiesta di reimpostare la password del tuo account ${app}.`,
      preview: ({ time }) => `Scegli una nuova password. Il link scade tra ${time}.`,
      action: "Reimposta password",
      notYou: "Se non hai fatto tu questa richiesta, ignora questa email. La tua password non cambierà.",
    },
    invitation: {
      subject: ({ app }) => `Il tuo account ${app} è pronto`,
      intro: ({ app }) =>
        `È stato creato un account per te su ${app}. Scegli una password per iniziare a usarlo.`,
      action: "Scegli una password",
      notYou: "Se non ti aspettavi questa email, puoi ignorarla.",
    },
    expiry: ({ time }) => `Questo link funziona una sola volta e scade tra ${time}.`,
    openLink: "Apri questo link per continuare:",
    copyLink: "Se il pulsante non funziona, copia questo link nel browser:",
    code: ({ time }) =>
      `Oppure inserisci questo codice nella pagina in cui hai fatto la richiesta. Scade tra ${time}:`,
    changed: {
      subject: ({ app }) => `La tua password di ${app} è stata cambiata`,
      intro: ({ app }) => `La password del tuo account ${app} è stata cambiata.`,
      when: "Quando",
      device: "Dispositivo",
      network: "Rete",
      wasYou: "Se la modifica è tua, non devi fare altro.",
      notYou:
        "Se non è tua, qualcuno potrebbe avere accesso al tuo account o alla tua email. Cambia prima la password della tua email, poi richiedi la reimpostazione dalla nostra pagina di accesso.",
    },
    unknown: {
      subject: ({ app }) => `La tua richiesta di reimpostare la password di ${app}`,
      intro: ({ app }) =>
        `Su ${app} è stata richiesta la reimpostazione della password per questo indirizzo email, ma non abbiamo trovato un account la cui password si possa reimpostare.`,
      wasYou: "Se hai fatto tu la richiesta, prova con l’indirizzo email della tua registrazione.",
      notYou: "In caso contrario, ignora questa email. Nulla è cambiato.",
    },
    ineligible: {
      subject: ({ app }) => `La tua richiesta di reimpostare la password di ${app}`,
      intro: ({ app }) => `È stata richiesta la reimpostazione della password per il tuo account ${app}.`,
      no_password: "Il tuo account non usa una password. Accedi come fai di solito.",
      closed: "Il tuo account è chiuso, quindi la sua password non si può reimpostare.",
      other: "La password di questo account non si può reimpostare via email.",
      notYou: "Se la richiesta non è tua, ignora questa email. Nulla è cambiato.",
    },
    support: "Domande? Scrivici:",
    automatic: ({ app }) => `Questo è un messaggio automatico di ${app}.`,
  },
  pages: {
    error: "Errore",
    tryAgainIn: (wait) => `Riprova tra ${wait}.`,
    form: {
      address: "Email",
      name: "Nome utente",
      blankAddress: "Inserisci il tuo indirizzo email.",
      blankName: "Inserisci il tuo nome utente.",
      backToLogin: "Torna all’accesso",
    },
    ask: {
      title: "Hai dimenticato la password?",
      text: (address) =>
        `Inserisci ${address ? "l’indirizzo email" : "il nome utente"} del tuo account: ti invieremo un link per reimpostare la password.`,
      send: "Invia il link",
    },
    sent: {
      title: "Controlla la posta",
      text: "Se un account corrisponde a quello che hai inserito, il link per reimpostare la password è in arrivo. Funziona una sola volta e scade presto.",
      help: "Ancora nulla dopo qualche minuto? Controlla la cartella dello spam, oppure prova con l’indirizzo email o il nome utente della tua registrazione.",
      again: "Richiedi un altro link",
      enterCode: "Inserisci invece il codice",
    },
    code: {
      title: "Inserisci il codice",
      text: "Inserisci il codice del messaggio che ti abbiamo inviato. Scade dopo qualche minuto.",
      code: "Codice",
      blankCode: "Inserisci il codice.",
      wrong: "Questo codice è errato o è scaduto. Il link nello stesso messaggio potrebbe ancora funzionare.",
      goOn: "Continua",
      again: "Richiedi un nuovo codice",
    },
    choose: {
      title: "Scegli una nuova password",
      account: "Account",
      password: "Nuova password",
      rule: ({ min }) => rule(min),
      hint: "Alcune parole senza legame tra loro formano una password sicura e facile da ricordare.",
      secondFactor: "Codice della tua app di autenticazione",
      secondFactorWrong: "Inserisci il codice attuale della tua app.",
      repeat: "Conferma la nuova password",
      blankPassword: "Inserisci una nuova password.",
      different: "Le password non coincidono. Inseriscile di nuovo.",
      save: "Salva password",
    },
    done: {
      title: "La tua password è stata salvata",
      text: "Ora puoi usarla per accedere. I link di reimpostazione inviati in precedenza non funzionano più.",
      signedOut: "Per la tua sicurezza, abbiamo chiuso le tue sessioni su tutti i dispositivi.",
      login: "Accedi",
    },
    over: {
      title: "Questo link non funziona più",
      text: "I link di reimpostazione scadono e ognuno funziona una sola volta. Potrebbe anche mancare una parte del link.",
      help: "Se hai appena ricevuto il messaggio, apri di nuovo il suo link. Altrimenti richiedine uno nuovo.",
      again: "Richiedi un nuovo link",
    },
    stale: {
      title: "Questa pagina è scaduta",
      text: "Nulla è cambiato. Apri di nuovo la pagina per continuare. Se succede ancora, consenti i cookie per questo sito.",
      again: "Apri di nuovo la pagina",
    },
    noCookies: {
      title: "Attiva i cookie per continuare",
      text: "Il tuo browser o la tua app blocca i cookie di questo sito. Consentili, oppure apri il link in un altro browser.",
    },
    throttled: {
      title: "Troppe richieste",
      text: "Abbiamo ricevuto troppe richieste dalla tua rete. Se hai già richiesto un link, controlla la posta in arrivo e lo spam: il più recente funziona fino alla scadenza.",
    },
    unavailable: { title: "Temporaneamente non disponibile" },
    refused: {
      title: "Qualcosa è andato storto",
      text: "Non siamo riusciti a leggere quello che è stato inviato. Torna indietro e riprova.",
    },
  },
};

const atLeast = plural("it", { one: "Usa almeno # carattere.", other: "Usa almeno # caratteri." });
const atMost = plural("it", { one: "Usa al massimo # carattere.", other: "Usa al massimo # caratteri." });
const atMostBytes = plural("it", {
  one: "Usa al massimo # byte. Le lettere accentate e le emoji ne occupano più di uno.",
  other: "Usa al massimo # byte. Le lettere accentate e le emoji ne occupano più di uno.",
});
const rule = plural("it", { one: "Almeno # carattere.", other: "Almeno # caratteri." });

const nameOf = attributeNames(
  {
    username: "al tuo nome utente",
    name: "al tuo nome",
    firstName: "al tuo nome di battesimo",
    lastName: "al tuo cognome",
    email: "al tuo indirizzo email",
  },
  (attribute) => `al valore di «${attribute}»`,
);
