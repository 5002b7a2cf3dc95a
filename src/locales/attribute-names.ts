/** The attributes of a user that every language has a name for. */
export type Attribute = "username" | "name" | "firstName" | "lastName" | "email";

/**
 * What a language calls the attributes that a password can be too similar to.
 *
 * @param other - The words for an attribute without a name, which is shown as it is written in the code.
 */
export function attributeNames(
  names: Readonly<Record<Attribute, string>>,
  other: (attribute: string) => string = (attribute) => attribute,
): (attribute: string) => string {
  return (attribute) => (Object.hasOwn(names, attribute) ? names[attribute as Attribute] : other(attribute));
}
