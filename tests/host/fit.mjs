// Forge Invocation Tokens: signs them as Forge does and publishes the key as a JWKS.

import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** How long a token lives; Atlassian's are valid as long as an invocation may last. */
const LIFETIME_SECONDS = 25;

/** A signer with a key of its own, made anew at each start of the host. */
export async function createSigner({ appId, installation }) {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { modulusLength: 2048 });
  const kid = `forge/invocation-token/${randomUUID()}`;
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
  return {
    jwks: { keys: [jwk] },
    /** The token of one call of a remote. `age` backdates it by so many seconds. */
    sign({ context, module, principal }, age = 0) {
      const now = Math.floor(Date.now() / 1000) - age;
      const claims = {
        app: {
          id: appId,
          version: installation.appVersion,
          installationId: installation.id,
          apiBaseUrl: installation.apiBaseUrl,
          environment: { type: installation.environmentType, id: installation.environmentId },
          module: { type: module.type, key: module.key },
          installation: {
            id: installation.id,
            contexts: [{ name: "confluence", url: installation.apiBaseUrl }],
          },
        },
        context,
        ...(principal ? { principal } : {}),
      };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid })
        .setIssuer("forge/invocation-token")
        .setAudience(appId)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + LIFETIME_SECONDS)
        .setJti(randomUUID())
        .sign(privateKey);
    },
  };
}
