// The people of the local site. Invented; the account ids have the form of real ones, so that tests
// can look for them where they must not be.

export const USERS = Object.freeze({
  admin: Object.freeze({
    key: "admin",
    accountId: "557058:0a1b2c3d-1111-4222-8333-944455566677",
    displayName: "Ada Example",
    email: "ada@example.test",
    isAdmin: true,
  }),
  user: Object.freeze({
    key: "user",
    accountId: "557058:9f8e7d6c-5555-4666-8777-a88899900011",
    displayName: "Ulf Sample",
    email: "ulf@example.test",
    isAdmin: false,
  }),
});

/** Whoever is not signed in, as Forge tells of them. */
export const ANONYMOUS = Object.freeze({
  key: "anonymous",
  accountId: "unidentified",
  accountType: "anonymous",
  displayName: "",
  isAdmin: false,
});

/** The user of a key, or undefined. */
export function userOf(key) {
  if (key === ANONYMOUS.key) return ANONYMOUS;
  return Object.hasOwn(USERS, key ?? "") ? USERS[key] : undefined;
}
