import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

// A no-break space stands before : ; ? ! and inside « », as French typography has it.

/** French, with the polite "vous". @module */
export const fr: Sentences = {
  tag: "fr",
  api: {
    fields: {
      required: "Ce champ est obligatoire.",
      blank: "Ce champ ne peut pas être vide.",
      null: "Ce champ ne peut pas être nul.",
      not_text: "Ce champ doit contenir du texte.",
      invalid_address: "Saisissez une adresse e-mail valide.",
      invalid_text: "Saisissez une valeur valide.",
      invisible_character:
        "Ce champ contient un caractère invisible. Effacez tout et saisissez-le à nouveau.",
      null_character: "Ce champ ne peut pas contenir de caractère nul.",
      not_well_formed: "Ce champ contient un caractère non valide. Envoyez de l’Unicode bien formé.",
      too_long: "C’est trop long.",
    },
    not_an_object: (kind) =>
      `Envoyez un objet JSON dont les propriétés sont les champs, et non du JSON de type « ${kind} ».`,
    no_data: "Envoyez un objet dont les propriétés sont les champs.",
    malformed_body: {
      encoding:
        "Le corps de la requête ne correspond pas à son encodage, ou commence par un indicateur d’ordre des octets.",
      json: "Le corps de la requête n’est pas du JSON valide.",
      form: "Le corps de la requête n’est pas un formulaire valide.",
    },
    unsupported_media_type: (type) =>
      `Le type de contenu « ${type} » n’est pas pris en charge. Envoyez du JSON ou un formulaire, encodé en UTF-8.`,
    method_not_allowed: (method) => `La méthode ${method} n’est pas autorisée ici.`,
    not_acceptable: "Les réponses existent en application/json ou en application/problem+json.",
    body_too_large: "La requête est trop volumineuse.",
    body_timeout: "La requête a mis trop de temps à arriver. Réessayez.",
    invalid_token: "Ce lien ou ce code n’est pas valide ou a expiré. Demandez-en un nouveau.",
    unknown_account: "Nous n’avons trouvé aucun compte correspondant à votre saisie.",
    second_factor: "Saisissez le code de votre application d’authentification.",
    cross_site:
      "Ce formulaire vient d’un autre site. Envoyez du JSON, ou demandez au propriétaire du site de l’autoriser.",
    vetoed:
      "Nous ne pouvons pas réinitialiser ce mot de passe pour le moment. Réessayez plus tard ou contactez l’assistance.",
    throttled: (seconds) => `Trop de demandes. Réessayez dans ${inWords(seconds, fr)}.`,
    unavailable: "L’opération n’a pas abouti. Rien n’est perdu : réessayez dans un instant.",
    unsupported: "Ce type de jeton ne permet pas cette opération.",
    not_found: "Il n’y a rien à cette adresse.",
    internal: "Un problème est survenu de notre côté. Réessayez dans un instant.",
  },
  problems: {
    too_short: ({ min }) => atLeast(min),
    too_long: ({ max, unit }) => (unit === "bytes" ? atMostBytes(max) : atMost(max)),
    not_well_formed: () => "Votre mot de passe contient un caractère non valide. Saisissez-le à nouveau.",
    too_common: () => "Ce mot de passe est trop courant. Choisissez-en un plus difficile à deviner.",
    too_weak: () => "Ce mot de passe est facile à deviner. Ajoutez un ou deux mots peu courants.",
    breached: () => "Ce mot de passe figure dans une fuite de données. Choisissez-en un autre.",
    unchecked: () => "Nous n’avons pas pu vérifier ce mot de passe. Réessayez dans un instant.",
    entirely_numeric: () => "Ajoutez une lettre ou un symbole. Les chiffres seuls sont faciles à deviner.",
    too_similar: ({ attribute }) => `Ce mot de passe ressemble trop à ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Bonjour," : `Bonjour ${name},`),
    reset: {
      subject: ({ app }) => `Réinitialisez votre mot de passe ${app}`,
      intro: ({ app }) =>
        `Nous avons reçu une demande de réinitialisation du mot de passe de votre compte ${app}.`,
      preview: ({ time }) => `Choisissez un nouveau mot de passe. Le lien expire dans ${time}.`,
      action: "Réinitialiser le mot de passe",
      notYou:
        "Si vous n’êtes pas à l’origine de cette demande, ignorez cet e-mail. Votre mot de passe ne changera pas.",
    },
    invitation: {
      subject: ({ app }) => `Votre compte ${app} est prêt`,
      intro: ({ app }) =>
        `Un compte a été créé pour vous sur ${app}. Choisissez un mot de passe pour commencer à l’utiliser.`,
      action: "Choisir un mot de passe",
      notYou: "Si vous n’attendiez pas ce message, ignorez cet e-mail.",
    },
    expiry: ({ time }) => `Ce lien fonctionne une seule fois et expire dans ${time}.`,
    openLink: "Ouvrez ce lien pour continuer :",
    copyLink: "Si le bouton ne fonctionne pas, copiez ce lien dans votre navigateur :",
    code: ({ time }) =>
      `Ou saisissez ce code sur la page où vous avez fait la demande. Il expire dans ${time} :`,
    changed: {
      subject: ({ app }) => `Votre mot de passe ${app} a été modifié`,
      intro: ({ app }) => `Le mot de passe de votre compte ${app} a été modifié.`,
      when: "Date",
      device: "Appareil",
      network: "Réseau",
      wasYou: "Si c’était vous, vous n’avez rien d’autre à faire.",
      notYou:
        "Si ce n’était pas vous, quelqu’un a peut-être accès à votre compte ou à votre messagerie. Changez d’abord le mot de passe de votre messagerie, puis demandez une réinitialisation depuis notre page de connexion.",
    },
    unknown: {
      subject: ({ app }) => `Votre demande de réinitialisation du mot de passe ${app}`,
      intro: ({ app }) =>
        `Une réinitialisation du mot de passe a été demandée sur ${app} pour cette adresse e-mail, mais nous n’avons trouvé aucun compte dont le mot de passe puisse être réinitialisé.`,
      wasYou: "Si c’était vous, essayez l’adresse e-mail de votre inscription.",
      notYou: "Si ce n’était pas vous, ignorez cet e-mail. Rien n’a été modifié.",
    },
    ineligible: {
      subject: ({ app }) => `Votre demande de réinitialisation du mot de passe ${app}`,
      intro: ({ app }) => `Une réinitialisation du mot de passe a été demandée pour votre compte ${app}.`,
      no_password: "Votre compte n’a pas de mot de passe. Connectez-vous comme d’habitude.",
      closed: "Votre compte est fermé : son mot de passe ne peut pas être réinitialisé.",
      other: "Le mot de passe de ce compte ne peut pas être réinitialisé par e-mail.",
      notYou: "Si ce n’était pas vous, ignorez cet e-mail. Rien n’a été modifié.",
    },
    support: "Des questions ? Contactez-nous :",
    automatic: ({ app }) => `Ceci est un message automatique de ${app}.`,
  },
  pages: {
    error: "Erreur",
    tryAgainIn: (wait) => `Réessayez dans ${wait}.`,
    form: {
      address: "Adresse e-mail",
      name: "Nom d’utilisateur",
      blankAddress: "Saisissez votre adresse e-mail.",
      blankName: "Saisissez votre nom d’utilisateur.",
      backToLogin: "Retour à la connexion",
    },
    ask: {
      title: "Mot de passe oublié ?",
      text: (address) =>
        `Saisissez ${address ? "l’adresse e-mail" : "le nom d’utilisateur"} de votre compte : nous vous enverrons un lien pour réinitialiser votre mot de passe.`,
      send: "Envoyer le lien",
    },
    sent: {
      title: "Consultez votre messagerie",
      text: "Si un compte correspond à votre saisie, un lien de réinitialisation est en route. Il fonctionne une seule fois et expire bientôt.",
      help: "Toujours rien après quelques minutes ? Vérifiez vos courriers indésirables, ou essayez l’adresse e-mail ou le nom d’utilisateur de votre inscription.",
      again: "Demander un autre lien",
      enterCode: "Saisir plutôt le code",
    },
    code: {
      title: "Saisissez votre code",
      text: "Saisissez le code du message que nous vous avons envoyé. Il expire au bout de quelques minutes.",
      code: "Code",
      blankCode: "Saisissez le code.",
      wrong: "Ce code est incorrect ou a expiré. Le lien du même message fonctionne peut-être encore.",
      goOn: "Continuer",
      again: "Demander un nouveau code",
    },
    choose: {
      title: "Choisissez un nouveau mot de passe",
      account: "Compte",
      password: "Nouveau mot de passe",
      rule: ({ min }) => rule(min),
      hint: "Quelques mots sans rapport entre eux forment un mot de passe robuste et facile à retenir.",
      secondFactor: "Code de votre application d’authentification",
      secondFactorWrong: "Saisissez le code actuel de votre application.",
      repeat: "Confirmez le nouveau mot de passe",
      blankPassword: "Saisissez un nouveau mot de passe.",
      different: "Les mots de passe ne correspondent pas. Saisissez-les à nouveau.",
      save: "Enregistrer le mot de passe",
    },
    done: {
      title: "Votre mot de passe est enregistré",
      text: "Vous pouvez maintenant l’utiliser pour vous connecter. Les liens de réinitialisation envoyés auparavant ne fonctionnent plus.",
      signedOut: "Par sécurité, nous avons fermé vos sessions sur tous vos appareils.",
      login: "Se connecter",
    },
    over: {
      title: "Ce lien ne fonctionne plus",
      text: "Les liens de réinitialisation expirent, et chacun ne fonctionne qu’une fois. Une partie du lien peut aussi manquer.",
      help: "Si vous venez de recevoir le message, ouvrez de nouveau son lien. Sinon, demandez-en un nouveau.",
      again: "Demander un nouveau lien",
    },
    stale: {
      title: "Cette page a expiré",
      text: "Rien n’a été modifié. Rouvrez la page pour continuer. Si cela se reproduit, autorisez les cookies pour ce site.",
      again: "Rouvrir la page",
    },
    noCookies: {
      title: "Autorisez les cookies pour continuer",
      text: "Votre navigateur ou votre application bloque les cookies de ce site. Autorisez-les, ou ouvrez le lien dans un autre navigateur.",
    },
    throttled: {
      title: "Trop de demandes",
      text: "Nous avons reçu trop de demandes depuis votre réseau. Si vous avez déjà demandé un lien, regardez dans votre boîte de réception et vos courriers indésirables : le dernier reste valable jusqu’à son expiration.",
    },
    unavailable: { title: "Temporairement indisponible" },
    refused: {
      title: "Un problème est survenu",
      text: "Nous n’avons pas pu lire ce qui a été envoyé. Revenez en arrière et réessayez.",
    },
  },
};

const atLeast = plural("fr", {
  one: "Utilisez au moins # caractère.",
  other: "Utilisez au moins # caractères.",
});
const atMost = plural("fr", {
  one: "Utilisez au plus # caractère.",
  other: "Utilisez au plus # caractères.",
});
const atMostBytes = plural("fr", {
  one: "Utilisez au plus # octet. Les lettres accentuées et les émojis en occupent plusieurs.",
  other: "Utilisez au plus # octets. Les lettres accentuées et les émojis en occupent plusieurs.",
});
const rule = plural("fr", { one: "Au moins # caractère.", other: "Au moins # caractères." });

const nameOf = attributeNames(
  {
    username: "votre nom d’utilisateur",
    name: "votre nom",
    firstName: "votre prénom",
    lastName: "votre nom de famille",
    email: "votre adresse e-mail",
  },
  (attribute) => `la valeur de « ${attribute} »`,
);
