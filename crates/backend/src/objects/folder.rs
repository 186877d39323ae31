//! What stands for a tenant in object names.

use aws_lc_rs::rand;

/// A tenant's folder: 32 lower-case hexadecimal digits of random bytes, made once a tenant and kept
/// by the store. It tells nothing of the tenant (P8), and a tenant that comes back after its
/// deletion gets another one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantFolder(String);

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system's random number generator failed")]
pub struct NoRandomness;

impl TenantFolder {
    /// A new folder's name.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 16];
        rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bytes))))
    }

    /// The folder of a name that [`Self::generate`] made; none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 32 && text.bytes().all(digit)).then(|| Self(text.to_owned()))
    }

    /// The name, for the store to keep.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for TenantFolder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p08_a_folder_is_random_and_nothing_but_digits() {
        let folder = TenantFolder::generate().unwrap();
        assert_eq!(TenantFolder::parse(folder.as_str()), Some(folder.clone()));
        assert_ne!(TenantFolder::generate().unwrap(), folder);
        let digits = "0123456789abcdef0123456789abcde";
        for other in [
            "",
            digits,
            &format!("{digits}F"),
            &format!("{digits}ff"),
            &format!("{digits}/"),
            "../../../../../../../../../../..",
        ] {
            assert_eq!(TenantFolder::parse(other), None, "{other}");
        }
    }
}
