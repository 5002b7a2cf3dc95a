import { ar } from "../../src/locales/ar.js";
import { de } from "../../src/locales/de.js";
import { en, type Sentences } from "../../src/locales/en.js";
import { es } from "../../src/locales/es.js";
import { fr } from "../../src/locales/fr.js";
import { it } from "../../src/locales/it.js";
import { ja } from "../../src/locales/ja.js";
import { nl } from "../../src/locales/nl.js";
import { pl } from "../../src/locales/pl.js";
import { ptBR } from "../../src/locales/pt-br.js";
import { tr } from "../../src/locales/tr.js";
import { zhHans } from "../../src/locales/zh-hans.js";

/** Every language that there is. */
export const languages: readonly Sentences[] = [en, ar, de, es, fr, it, ja, nl, pl, ptBR, tr, zhHans];
