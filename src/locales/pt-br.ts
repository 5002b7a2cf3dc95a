import { attributeNames } from "./attribute-names.js";
import type { Sentences } from "./en.js";
import { inWords } from "./in-words.js";
import { plural } from "./plural.js";

/** Portuguese as in Brazil, with "você". @module */
export const ptBR: Sentences = {
  tag: "pt-BR",
  api: {
    fields: {
      required: "Este campo é obrigatório.",
      blank: "Este campo não pode ficar vazio.",
      null: "Este campo não pode ser nulo.",
      not_text: "Este campo precisa ser um texto.",
      invalid_address: "Digite um e-mail válido.",
      invalid_text: "Digite um valor válido.",
      invisible_character: "Este campo contém um caractere invisível. Apague tudo e digite de novo.",
      null_character: "Este campo não pode conter caracteres nulos.",
      not_well_formed: "Este campo contém um caractere inválido. Envie Unicode bem formado.",
      too_long: "Isto é longo demais.",
    },
    not_an_object: (kind) =>
      `Envie um objeto JSON com os campos como propriedades, e não JSON do tipo “${kind}”.`,
    no_data: "Envie um objeto com os campos como propriedades.",
    malformed_body: {
      encoding:
        "O corpo da requisição não corresponde à sua codificação de caracteres ou começa com uma marca de ordem de bytes.",
      json: "O corpo da requisição não é um JSON válido.",
      form: "O corpo da requisição não é um formulário válido.",
    },
    unsupported_media_type: (type) =>
      `O tipo de conteúdo “${type}” não é aceito. Envie JSON ou um formulário, codificado em UTF-8.`,
    method_not_allowed: (method) => `O método ${method} não é permitido aqui.`,
    not_acceptable: "As respostas estão disponíveis como application/json ou application/problem+json.",
    body_too_large: "A requisição é grande demais.",
    body_timeout: "A requisição demorou demais para chegar. Tente de novo.",
    invalid_token: "Este link ou código é inválido ou expirou. Solicite um novo.",
    unknown_account: "Não encontramos uma conta que corresponda ao que você digitou.",
    second_factor: "Digite o código do seu aplicativo de autenticação.",
    cross_site:
      "Este formulário foi enviado de outro site. Envie JSON ou peça ao dono do site que o permita.",
    vetoed:
      "Não podemos redefinir esta senha agora. Tente de novo mais tarde ou entre em contato com o suporte.",
    throttled: (seconds) => `Solicitações demais. Tente de novo em ${inWords(seconds, ptBR)}.`,
    unavailable: "Não foi possível concluir agora. Nada se perdeu: tente de novo em instantes.",
    unsupported: "Este tipo de token não permite essa operação.",
    not_found: "Não há nada neste endereço.",
    internal: "Algo deu errado do nosso lado. Tente de novo em instantes.",
  },
  problems: {
    too_short: ({ min }) => atLeast(min),
    too_long: ({ max, unit }) => (unit === "bytes" ? atMostBytes(max) : atMost(max)),
    not_well_formed: () => "Sua senha contém um caractere inválido. Digite-a de novo.",
    too_common: () => "Esta senha é comum demais. Escolha uma mais difícil de adivinhar.",
    too_weak: () => "Esta senha é fácil de adivinhar. Acrescente uma ou duas palavras incomuns.",
    breached: () => "Esta senha apareceu em um vazamento de dados. Escolha outra.",
    unchecked: () => "Não foi possível verificar esta senha. Tente de novo em instantes.",
    entirely_numeric: () => "Inclua uma letra ou um símbolo. Só números são fáceis de adivinhar.",
    too_similar: ({ attribute }) => `Isto é parecido demais com ${nameOf(attribute)}.`,
  },
  email: {
    greeting: (name) => (name === undefined ? "Olá," : `Olá, ${name},`),
    reset: {
      subject: ({ app }) => `Redefina sua senha em ${app}`,
      intro: ({ app }) => `Recebemos uma solicitação para redefinir a senha da sua conta em ${app}.`,
      preview: ({ time }) => `Escolha uma nova senha. O link expira em ${time}.`,
      action: "Redefinir senha",
      notYou: "Se você não fez essa solicitação, ignore este e-mail. Sua senha não vai mudar.",
    },
    invitation: {
      subject: ({ app }) => `Sua conta em ${app} está pronta`,
      intro: ({ app }) =>
        `Uma conta foi criada para você em ${app}. Escolha uma senha para começar a usá-la.`,
      action: "Escolher senha",
      notYou: "Se você não esperava este e-mail, pode ignorá-lo.",
    },
    expiry: ({ time }) => `Este link funciona uma única vez e expira em ${time}.`,
    openLink: "Abra este link para continuar:",
    copyLink: "Se o botão não funcionar, copie este link para o seu navegador:",
    code: ({ time }) =>
      `Ou digite este código na página em que você pediu a redefinição. Ele expira em ${time}:`,
    changed: {
      subject: ({ app }) => `Sua senha em ${app} foi alterada`,
      intro: ({ app }) => `A senha da sua conta em ${app} foi alterada.`,
      when: "Quando",
      device: "Dispositivo",
      network: "Rede",
      wasYou: "Se foi você, não é preciso fazer mais nada.",
      notYou:
        "Se não foi você, alguém pode ter acesso à sua conta ou ao seu e-mail. Troque primeiro a senha do seu e-mail e depois solicite a redefinição na nossa página de login.",
    },
    unknown: {
      subject: ({ app }) => `Sua solicitação de redefinição de senha em ${app}`,
      intro: ({ app }) =>
        `Alguém solicitou uma redefinição de senha em ${app} para este e-mail, mas não encontramos uma conta cuja senha possa ser redefinida.`,
      wasYou: "Se foi você, tente o e-mail que usou no cadastro.",
      notYou: "Se não foi você, ignore este e-mail. Nada foi alterado.",
    },
    ineligible: {
      subject: ({ app }) => `Sua solicitação de redefinição de senha em ${app}`,
      intro: ({ app }) => `Alguém solicitou uma redefinição de senha para a sua conta em ${app}.`,
      no_password: "Sua conta não usa senha. Entre como você costuma fazer.",
      closed: "Sua conta está encerrada, por isso a senha dela não pode ser redefinida.",
      other: "A senha desta conta não pode ser redefinida por e-mail.",
      notYou: "Se não foi você, ignore este e-mail. Nada foi alterado.",
    },
    support: "Dúvidas? Fale conosco:",
    automatic: ({ app }) => `Esta é uma mensagem automática de ${app}.`,
  },
  pages: {
    error: "Erro",
    tryAgainIn: (wait) => `Tente de novo em ${wait}.`,
    form: {
      address: "E-mail",
      name: "Nome de usuário",
      blankAddress: "Digite seu e-mail.",
      blankName: "Digite seu nome de usuário.",
      backToLogin: "Voltar ao login",
    },
    ask: {
      title: "Esqueceu sua senha?",
      text: (address) =>
        `Digite o ${address ? "e-mail" : "nome de usuário"} da sua conta e enviaremos um link para redefinir sua senha.`,
      send: "Enviar link",
    },
    sent: {
      title: "Confira seu e-mail",
      text: "Se houver uma conta que corresponda ao que você digitou, um link de redefinição está a caminho. Ele funciona uma única vez e expira em breve.",
      help: "Nada depois de alguns minutos? Confira a pasta de spam ou tente o e-mail ou o nome de usuário que usou no cadastro.",
      again: "Solicitar outro link",
      enterCode: "Digitar o código",
    },
    code: {
      title: "Digite seu código",
      text: "Digite o código da mensagem que enviamos. Ele expira em alguns minutos.",
      code: "Código",
      blankCode: "Digite o código.",
      wrong: "Este código está incorreto ou expirou. O link da mesma mensagem talvez ainda funcione.",
      goOn: "Continuar",
      again: "Solicitar um novo código",
    },
    choose: {
      title: "Escolha uma nova senha",
      account: "Conta",
      password: "Nova senha",
      rule: ({ min }) => rule(min),
      hint: "Algumas palavras sem relação entre si formam uma senha forte e fácil de lembrar.",
      secondFactor: "Código do seu aplicativo de autenticação",
      secondFactorWrong: "Digite o código atual do seu aplicativo.",
      repeat: "Confirme a nova senha",
      blankPassword: "Digite uma nova senha.",
      different: "As senhas não coincidem. Digite-as de novo.",
      save: "Salvar senha",
    },
    done: {
      title: "Sua senha foi salva",
      text: "Você já pode usá-la para entrar. Os links de redefinição enviados antes não funcionam mais.",
      signedOut: "Por segurança, encerramos sua sessão em todos os dispositivos.",
      login: "Entrar",
    },
    over: {
      title: "Este link não funciona mais",
      text: "Os links de redefinição expiram, e cada um funciona uma única vez. Também pode estar faltando uma parte do link.",
      help: "Se você acabou de receber a mensagem, abra o link dela de novo. Caso contrário, solicite um novo.",
      again: "Solicitar um novo link",
    },
    stale: {
      title: "Esta página expirou",
      text: "Nada foi alterado. Abra a página de novo para continuar. Se isso se repetir, permita os cookies deste site.",
      again: "Abrir a página de novo",
    },
    noCookies: {
      title: "Ative os cookies para continuar",
      text: "Seu navegador ou aplicativo bloqueia os cookies deste site. Permita-os ou abra o link em outro navegador.",
    },
    throttled: {
      title: "Solicitações demais",
      text: "Recebemos solicitações demais da sua rede. Se você já solicitou um link, confira sua caixa de entrada e a pasta de spam: o mais recente funciona até expirar.",
    },
    unavailable: { title: "Temporariamente indisponível" },
    refused: {
      title: "Algo deu errado",
      text: "Não conseguimos ler o que foi enviado. Volte e tente de novo.",
    },
  },
};

const atLeast = plural("pt-BR", {
  one: "Use pelo menos # caractere.",
  other: "Use pelo menos # caracteres.",
});
const atMost = plural("pt-BR", {
  one: "Use no máximo # caractere.",
  other: "Use no máximo # caracteres.",
});
const atMostBytes = plural("pt-BR", {
  one: "Use no máximo # byte. Letras acentuadas e emojis ocupam vários.",
  other: "Use no máximo # bytes. Letras acentuadas e emojis ocupam vários.",
});
const rule = plural("pt-BR", { one: "Pelo menos # caractere.", other: "Pelo menos # caracteres." });

const nameOf = attributeNames(
  {
    username: "seu nome de usuário",
    name: "seu nome",
    firstName: "seu primeiro nome",
    lastName: "seu sobrenome",
    email: "seu e-mail",
  },
  (attribute) => `o valor de “${attribute}”`,
);
