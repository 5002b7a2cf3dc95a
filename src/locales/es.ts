import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** Spanish, with "tú". @module */
export const es: Sentences = {
  tag: "es",
  api: {
    fields: {
      required: "Este campo es obligatorio.",
      blank: "Este campo no puede estar vacío.",
      null: "Este campo no puede ser nulo.",
      not_text: "Este campo debe contener texto.",
      invalid_address: "Introduce un correo electrónico válido.",
      invalid_text: "Introduce un valor válido.",
      invisible_character: "Este campo contiene un carácter invisible. Bórralo todo y escríbelo de nuevo.",
      null_character: "Este campo no puede contener caracteres nulos.",
      not_well_formed: "Este campo contiene un carácter no válido. Envía Unicode bien formado.",
      too_long: "Es demasiado largo.",
    },
    not_an_object: (kind) =>
      `Envía un objeto JSON con los campos como propiedades, no JSON de tipo «${kind}».`,
    no_data: "Envía un objeto con los campos como propiedades.",
    malformed_body: {
      encoding:
        "El cuerpo de la solicitud no coincide con su codificación de caracteres o empieza con una marca de orden de bytes.",
      json: "El cuerpo de la solicitud no es JSON válido.",
      form: "El cuerpo de la solicitud no es un formulario válido.",
    },
    unsupported_media_type: (type) =>
      `El tipo de contenido «${type}» no se admite. Envía JSON o un formulario, codificado en UTF-8.`,
    method_not_allowed: (method) => `El método ${method} no está permitido aquí.`,
    not_acceptable: "Las respuestas están disponibles como application/json o application/problem+json.",
    body_too_large: "La solicitud es demasiado grande.",
    body_timeout: "La solicitud ha tardado demasiado en llegar. Inténtalo de nuevo.",
    invalid_token: "Este enlace o código no es válido o ha caducado. Solicita uno nuevo.",
    unknown_account: "No hemos encontrado ninguna cuenta que coincida con lo que has escrito.",
    second_factor: "Introduce el código de tu aplicación de autenticación.",
    cross_site:
      "Este formulario se ha enviado desde otro sitio. Envía JSON o pide al propietario del sitio que lo permita.",
    vetoed:
      "Ahora mismo no podemos restablecer esta contraseña. Inténtalo más tarde o ponte en contacto con el servicio de asistencia.",
    throttled: (seconds) => `Demasiadas solicitudes. Inténtalo de nuevo en ${inWords(seconds, es)}.`,
    unavailable:
      "No hemos podido completarlo ahora. No se ha perdido nada: inténtalo de nuevo en un momento.",
    unsupported: "Este tipo de token no admite esa operación.",
    not_found: "No hay nada en esta dirección.",
    internal: "Algo ha fallado por nuestra parte. Inténtalo de nuevo en un momento.",
  },
  problems: {
    too_short: ({ min }) => atLeast(min),
    too_long: ({ max, unit }) => (unit === "bytes" ? atMostBytes(max) : atMost(max)),
    not_well_formed: () => "Tu contraseña contiene un carácter no válido. Escríbela de nuevo.",
    too_common: () => "Esta contraseña es demasiado común. Elige una más difícil de adivinar.",
    too_weak: () => "Esta contraseña es fácil de adivinar. Añade una o dos palabras poco comunes.",
    breached: () => "Esta contraseña aparece en una filtración de datos. Elige otra.",
    unchecked: () => "No hemos podido comprobar esta contraseña. Inténtalo de nuevo en un momento.",
    entirely_numeric: () => "Añade una letra o un símbolo. Los números solos son fáciles de adivinar.",
    too_similar: ({ attribute }) => `Se parece demasiado a ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Hola:" : `Hola, ${name}:`),
    reset: {
      subject: ({ app }) => `Restablece tu contraseña de ${app}`,
      intro: ({ app }) =>
        `Hemos recibido una solicitud para restablecer la contraseña de tu cuenta de ${app}.`,
      preview: ({ time }) => `Elige una contraseña nueva. El enlace caduca en ${time}.`,
      action: "Restablecer contraseña",
      notYou: "Si no lo has solicitado, puedes ignorar este correo. Tu contraseña no cambiará.",
    },
    invitation: {
      subject: ({ app }) => `Tu cuenta de ${app} está lista`,
      intro: ({ app }) =>
        `Se ha creado una cuenta para ti en ${app}. Elige una contraseña para empezar a usarla.`,
      action: "Elegir contraseña",
      notYou: "Si no esperabas este correo, puedes ignorarlo.",
    },
    expiry: ({ time }) => `Este enlace funciona una sola vez y caduca en ${time}.`,
    openLink: "Abre este enlace para continuar:",
    copyLink: "Si el botón no funciona, copia este enlace en tu navegador:",
    code: ({ time }) =>
      `O introduce este código en la página donde solicitaste el cambio. Caduca en ${time}:`,
    changed: {
      subject: ({ app }) => `Se ha cambiado tu contraseña de ${app}`,
      intro: ({ app }) => `Se ha cambiado la contraseña de tu cuenta de ${app}.`,
      when: "Cuándo",
      device: "Dispositivo",
      network: "Red",
      wasYou: "Si lo has hecho tú, no tienes que hacer nada más.",
      notYou:
        "Si no has sido tú, es posible que alguien tenga acceso a tu cuenta o a tu correo. Cambia primero la contraseña de tu correo y luego solicita restablecer esta desde nuestra página de inicio de sesión.",
    },
    unknown: {
      subject: ({ app }) => `Tu solicitud para restablecer la contraseña de ${app}`,
      intro: ({ app }) =>
        `Alguien ha solicitado en ${app} restablecer la contraseña de este correo electrónico, pero no hemos encontrado ninguna cuenta cuya contraseña se pueda restablecer.`,
      wasYou: "Si has sido tú, prueba con el correo con el que te registraste.",
      notYou: "Si no has sido tú, puedes ignorar este correo. No se ha cambiado nada.",
    },
    ineligible: {
      subject: ({ app }) => `Tu solicitud para restablecer la contraseña de ${app}`,
      intro: ({ app }) => `Alguien ha solicitado restablecer la contraseña de tu cuenta de ${app}.`,
      no_password: "Tu cuenta no usa contraseña. Inicia sesión como lo haces siempre.",
      closed: "Tu cuenta está cerrada, así que su contraseña no se puede restablecer.",
      other: "La contraseña de esta cuenta no se puede restablecer por correo electrónico.",
      notYou: "Si no has sido tú, puedes ignorar este correo. No se ha cambiado nada.",
    },
    support: "¿Tienes preguntas? Escríbenos:",
    automatic: ({ app }) => `Este es un mensaje automático de ${app}.`,
  },
  pages: {
    error: "Error",
    tryAgainIn: (wait) => `Inténtalo de nuevo en ${wait}.`,
    form: {
      address: "Correo electrónico",
      name: "Nombre de usuario",
      blankAddress: "Introduce tu correo electrónico.",
      blankName: "Introduce tu nombre de usuario.",
      backToLogin: "Volver al inicio de sesión",
    },
    ask: {
      title: "¿Has olvidado tu contraseña?",
      text: (address) =>
        `Introduce el ${address ? "correo electrónico" : "nombre de usuario"} de tu cuenta y te enviaremos un enlace para restablecer tu contraseña.`,
      send: "Enviar enlace",
    },
    sent: {
      title: "Revisa tu correo",
      text: "Si hay una cuenta que coincide con lo que has escrito, el enlace para restablecer la contraseña está en camino. Funciona una sola vez y caduca pronto.",
      help: "¿Nada después de unos minutos? Revisa tu carpeta de spam o prueba con el correo o el nombre de usuario con el que te registraste.",
      again: "Solicitar otro enlace",
      enterCode: "Introducir el código",
    },
    code: {
      title: "Introduce tu código",
      text: "Introduce el código del mensaje que te hemos enviado. Caduca en unos minutos.",
      code: "Código",
      blankCode: "Introduce el código.",
      wrong:
        "Este código es incorrecto o ha caducado. Puede que el enlace del mismo mensaje todavía funcione.",
      goOn: "Continuar",
      again: "Solicitar un código nuevo",
    },
    choose: {
      title: "Elige una contraseña nueva",
      account: "Cuenta",
      password: "Contraseña nueva",
      rule: ({ min }) => rule(min),
      hint: "Varias palabras sin relación entre sí forman una contraseña segura y fácil de recordar.",
      secondFactor: "Código de tu aplicación de autenticación",
      secondFactorWrong: "Introduce el código actual de tu aplicación.",
      repeat: "Confirma la contraseña nueva",
      blankPassword: "Introduce una contraseña nueva.",
      different: "Las contraseñas no coinciden. Introdúcelas de nuevo.",
      save: "Guardar contraseña",
    },
    done: {
      title: "Tu contraseña se ha guardado",
      text: "Ya puedes usarla para iniciar sesión. Los enlaces que te enviamos antes ya no funcionan.",
      signedOut: "Por tu seguridad, hemos cerrado tu sesión en todos los dispositivos.",
      login: "Iniciar sesión",
    },
    over: {
      title: "Este enlace ya no funciona",
      text: "Los enlaces para restablecer la contraseña caducan y cada uno funciona una sola vez. También puede faltar una parte del enlace.",
      help: "Si acabas de recibir el mensaje, abre de nuevo su enlace. Si no, solicita uno nuevo.",
      again: "Solicitar un enlace nuevo",
    },
    stale: {
      title: "Esta página ha caducado",
      text: "No se ha cambiado nada. Abre la página de nuevo para continuar. Si sigue ocurriendo, permite las cookies de este sitio.",
      again: "Abrir la página de nuevo",
    },
    noCookies: {
      title: "Activa las cookies para continuar",
      text: "Tu navegador o tu aplicación bloquea las cookies de este sitio. Permítelas o abre el enlace en otro navegador.",
    },
    throttled: {
      title: "Demasiadas solicitudes",
      text: "Hemos recibido demasiadas solicitudes desde tu red. Si ya has pedido un enlace, revisa tu bandeja de entrada y tu carpeta de spam: el último funciona hasta que caduque.",
    },
    unavailable: { title: "No disponible temporalmente" },
    refused: {
      title: "Algo ha fallado",
      text: "No hemos podido leer lo que se ha enviado. Vuelve atrás e inténtalo de nuevo.",
    },
  },
};

const atLeast = plural("es", { one: "Usa al menos # carácter.", other: "Usa al menos # caracteres." });
const atMost = plural("es", { one: "Usa como máximo # carácter.", other: "Usa como máximo # caracteres." });
const atMostBytes = plural("es", {
  one: "Usa como máximo # byte. Las letras con tilde y los emojis ocupan varios.",
  other: "Usa como máximo # bytes. Las letras con tilde y los emojis ocupan varios.",
});
const rule = plural("es", { one: "Al menos # carácter.", other: "Al menos # caracteres." });

const nameOf = attributeNames(
  {
    username: "tu nombre de usuario",
    name: "tu nombre",
    firstName: "tu nombre de pila",
    lastName: "tus apellidos",
    email: "tu correo electrónico",
  },
  (attribute) => `el valor de «${attribute}»`,
);
