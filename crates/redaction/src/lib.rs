//! Finds and masks secrets and identities in text.
