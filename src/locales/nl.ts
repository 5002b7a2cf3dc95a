import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** Dutch, with "je". @module */
export const nl: Sentences = {
  tag: "nl",
  api: {
    fields: {
      required: "Dit veld is verplicht.",
      blank: "Dit veld mag niet leeg zijn.",
      null: "Dit veld mag niet null zijn.",
      not_text: "Dit veld moet tekst bevatten.",
      invalid_address: "Vul een geldig e-mailadres in.",
      invalid_text: "Vul een geldige waarde in.",
      invisible_character: "Hier staat een onzichtbaar teken in. Maak het veld leeg en typ het opnieuw.",
      null_character: "Dit veld mag geen nultekens bevatten.",
      not_well_formed: "Dit veld bevat een ongeldig teken. Stuur correct gevormde Unicode.",
      too_long: "Dit is te lang.",
    },
    not_an_object: (kind) =>
      `Stuur een JSON-object met de velden als eigenschappen, geen JSON van het type ‘${kind}’.`,
    no_data: "Stuur een object met de velden als eigenschappen.",
    malformed_body: {
      encoding:
        "De inhoud van het verzoek past niet bij de tekencodering, of begint met een bytevolgordemarkering.",
      json: "De inhoud van het verzoek is geen geldige JSON.",
      form: "De inhoud van het verzoek is geen geldig formulier.",
    },
    unsupported_media_type: (type) =>
      `Het inhoudstype ‘${type}’ wordt niet ondersteund. Stuur JSON of een formulier, gecodeerd als UTF-8.`,
    method_not_allowed: (method) => `De methode ${method} is hier niet toegestaan.`,
    not_acceptable: "Antwoorden zijn beschikbaar als application/json of application/problem+json.",
    body_too_large: "Het verzoek is te groot.",
    body_timeout: "Het duurde te lang voordat het verzoek binnen was. Probeer het opnieuw.",
    invalid_token: "Deze link of code is ongeldig of verlopen. Vraag een nieuwe aan.",
    unknown_account: "We hebben geen account gevonden dat past bij wat je hebt ingevuld.",
    second_factor: "Vul de code uit je authenticator-app in.",
    cross_site:
      "Dit formulier is vanaf een andere site verstuurd. Stuur JSON, of vraag de eigenaar van de site om het toe te staan.",
    vetoed:
      "We kunnen dit wachtwoord nu niet opnieuw instellen. Probeer het later opnieuw of neem contact op met de klantenservice.",
    throttled: (seconds) => `Te veel verzoeken. Probeer het over ${inWords(seconds, nl)} opnieuw.`,
    unavailable: "Dat is nu niet gelukt. Er is niets verloren gegaan: probeer het zo nog eens.",
    unsupported: "Dit soort token kan dat niet.",
    not_found: "Op dit adres staat niets.",
    internal: "Er ging iets mis aan onze kant. Probeer het zo nog eens.",
  },
  problems: {
    too_short: ({ min }) => atLeast(min),
    too_long: ({ max, unit }) => (unit === "bytes" ? atMostBytes(max) : atMost(max)),
    not_well_formed: () => "Je wachtwoord bevat een ongeldig teken. Typ het opnieuw.",
    too_common: () => "Dit wachtwoord wordt te vaak gebruikt. Kies er een dat moeilijker te raden is.",
    too_weak: () => "Dit wachtwoord is makkelijk te raden. Voeg een of twee ongewone woorden toe.",
    breached: () => "Dit wachtwoord komt voor in een datalek. Kies een ander.",
    unchecked: () => "We konden dit wachtwoord niet controleren. Probeer het zo nog eens.",
    entirely_numeric: () => "Voeg een letter of symbool toe. Alleen cijfers zijn makkelijk te raden.",
    too_similar: ({ attribute }) => `Dit lijkt te veel op ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Hallo," : `Hallo ${name},`),
    reset: {
      subject: ({ app }) => `Stel je wachtwoord voor ${app} opnieuw in`,
      intro: ({ app }) =>
        `We hebben een verzoek ontvangen om het wachtwoord van je account bij ${app} opnieuw in te stellen.`,
      preview: ({ time }) => `Kies een nieuw wachtwoord. De link verloopt over ${time}.`,
      action: "Wachtwoord opnieuw instellen",
      notYou: "Heb je dit niet aangevraagd? Dan kun je deze e-mail negeren. Je wachtwoord verandert niet.",
    },
    invitation: {
      subject: ({ app }) => `Je account bij ${app} staat klaar`,
      intro: ({ app }) =>
        `Er is bij ${app} een account voor je aangemaakt. Kies een wachtwoord om het te gebruiken.`,
      action: "Wachtwoord kiezen",
      notYou: "Verwachtte je dit niet? Dan kun je deze e-mail negeren.",
    },
    expiry: ({ time }) => `Deze link werkt één keer en verloopt over ${time}.`,
    openLink: "Open deze link om verder te gaan:",
    copyLink: "Werkt de knop niet? Kopieer deze link dan naar je browser:",
    code: ({ time }) =>
      `Of vul deze code in op de pagina waar je de aanvraag deed. De code verloopt over ${time}:`,
    changed: {
      subject: ({ app }) => `Je wachtwoord voor ${app} is gewijzigd`,
      intro: ({ app }) => `Het wachtwoord van je account bij ${app} is gewijzigd.`,
      when: "Wanneer",
      device: "Apparaat",
      network: "Netwerk",
      wasYou: "Was jij dit? Dan hoef je verder niets te doen.",
      notYou:
        "Was jij dit niet? Dan heeft iemand misschien toegang tot je account of je e-mail. Wijzig eerst het wachtwoord van je e-mail en vraag daarna op onze inlogpagina een nieuw wachtwoord aan.",
    },
    unknown: {
      subject: ({ app }) => `Je wachtwoordaanvraag bij ${app}`,
      intro: ({ app }) =>
        `Iemand heeft bij ${app} een nieuw wachtwoord aangevraagd voor dit e-mailadres, maar we hebben geen account gevonden waarvan het wachtwoord opnieuw kan worden ingesteld.`,
      wasYou: "Was jij dit? Probeer dan het e-mailadres waarmee je je hebt aangemeld.",
      notYou: "Was jij dit niet? Dan kun je deze e-mail negeren. Er is niets gewijzigd.",
    },
    ineligible: {
      subject: ({ app }) => `Je wachtwoordaanvraag bij ${app}`,
      intro: ({ app }) => `Iemand heeft een nieuw wachtwoord aangevraagd voor je account bij ${app}.`,
      no_password: "Je account heeft geen wachtwoord. Log in zoals je dat altijd doet.",
      closed: "Je account is gesloten, dus het wachtwoord kan niet opnieuw worden ingesteld.",
      other: "Het wachtwoord van dit account kan niet via e-mail opnieuw worden ingesteld.",
      notYou: "Was jij dit niet? Dan kun je deze e-mail negeren. Er is niets gewijzigd.",
    },
    support: "Vragen? Neem contact met ons op:",
    automatic: ({ app }) => `Dit is een automatisch bericht van ${app}.`,
  },
  pages: {
    error: "Fout",
    tryAgainIn: (wait) => `Probeer het over ${wait} opnieuw.`,
    form: {
      address: "E-mailadres",
      name: "Gebruikersnaam",
      blankAddress: "Vul je e-mailadres in.",
      blankName: "Vul je gebruikersnaam in.",
      backToLogin: "Terug naar inloggen",
    },
    ask: {
      title: "Wachtwoord vergeten?",
      text: (address) =>
        `Vul ${address ? "het e-mailadres" : "de gebruikersnaam"} van je account in. We sturen je een link om je wachtwoord opnieuw in te stellen.`,
      send: "Link versturen",
    },
    sent: {
      title: "Kijk in je inbox",
      text: "Als er een account past bij wat je hebt ingevuld, is de link onderweg. Hij werkt één keer en verloopt binnenkort.",
      help: "Na een paar minuten nog niets? Kijk in je spammap, of probeer het e-mailadres of de gebruikersnaam waarmee je je hebt aangemeld.",
      again: "Nog een link aanvragen",
      enterCode: "In plaats daarvan de code invullen",
    },
    code: {
      title: "Vul je code in",
      text: "Vul de code in uit het bericht dat we je hebben gestuurd. De code verloopt na een paar minuten.",
      code: "Code",
      blankCode: "Vul de code in.",
      wrong: "Deze code is onjuist of verlopen. De link in hetzelfde bericht werkt misschien nog.",
      goOn: "Doorgaan",
      again: "Nieuwe code aanvragen",
    },
    choose: {
      title: "Kies een nieuw wachtwoord",
      account: "Account",
      password: "Nieuw wachtwoord",
      rule: ({ min }) => rule(min),
      hint: "Een paar woorden die niets met elkaar te maken hebben, vormen een sterk wachtwoord dat je makkelijk onthoudt.",
      secondFactor: "Code uit je authenticator-app",
      secondFactorWrong: "Vul de huidige code uit je app in.",
      repeat: "Bevestig het nieuwe wachtwoord",
      blankPassword: "Vul een nieuw wachtwoord in.",
      different: "De wachtwoorden komen niet overeen. Vul ze opnieuw in.",
      save: "Wachtwoord opslaan",
    },
    done: {
      title: "Je wachtwoord is opgeslagen",
      text: "Je kunt er nu mee inloggen. Links die we je eerder hebben gestuurd, werken niet meer.",
      signedOut: "Voor je veiligheid hebben we je op alle apparaten uitgelogd.",
      login: "Inloggen",
    },
    over: {
      title: "Deze link werkt niet meer",
      text: "Links om een wachtwoord opnieuw in te stellen verlopen, en elke link werkt maar één keer. Er kan ook een deel van de link ontbreken.",
      help: "Heb je het bericht net ontvangen? Open de link dan nog eens. Vraag anders een nieuwe aan.",
      again: "Nieuwe link aanvragen",
    },
    stale: {
      title: "Deze pagina is verlopen",
      text: "Er is niets gewijzigd. Open de pagina opnieuw om verder te gaan. Blijft dit gebeuren? Sta dan cookies toe voor deze site.",
      again: "Pagina opnieuw openen",
    },
    noCookies: {
      title: "Sta cookies toe om verder te gaan",
      text: "Je browser of app blokkeert cookies voor deze site. Sta ze toe, of open de link in een andere browser.",
    },
    throttled: {
      title: "Te veel verzoeken",
      text: "We hebben te veel verzoeken vanaf je netwerk ontvangen. Heb je al een link aangevraagd? Kijk dan in je inbox en spammap: de nieuwste werkt totdat hij verloopt.",
    },
    unavailable: { title: "Tijdelijk niet beschikbaar" },
    refused: {
      title: "Er ging iets mis",
      text: "We konden niet lezen wat er is verstuurd. Ga terug en probeer het opnieuw.",
    },
  },
};

const atLeast = plural("nl", { one: "Gebruik minstens # teken.", other: "Gebruik minstens # tekens." });
const atMost = plural("nl", { one: "Gebruik hoogstens # teken.", other: "Gebruik hoogstens # tekens." });
const atMostBytes = plural("nl", {
  one: "Gebruik hoogstens # byte. Letters met accenten en emoji’s tellen voor meer.",
  other: "Gebruik hoogstens # bytes. Letters met accenten en emoji’s tellen voor meer.",
});
const rule = plural("nl", { one: "Minstens # teken.", other: "Minstens # tekens." });

const nameOf = attributeNames(
  {
    username: "je gebruikersnaam",
    name: "je naam",
    firstName: "je voornaam",
    lastName: "je achternaam",
    email: "je e-mailadres",
  },
  (attribute) => `de waarde van ‘${attribute}’`,
);
