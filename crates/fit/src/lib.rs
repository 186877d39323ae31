//! Forge Invocation Token: JWKS cache and verification; the only maker of a Tenant.
