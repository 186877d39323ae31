//! Atlassian Document Format and storage format to one document model, and from it a narration script without identities.
