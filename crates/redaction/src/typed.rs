//! Values that cannot be printed: what is known to be a secret, content or a person's name is
//! wrapped where it enters, and then no `{}`, `{:?}` or field of a log call can show it. The type
//! is the wall; patterns are the net below.

use crate::Mask;

macro_rules! masked {
    ($(#[$doc:meta])* $name:ident, $mask:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq)]
        pub struct $name<T>(T);

        impl<T> $name<T> {
            /// Wraps a value.
            pub const fn new(value: T) -> Self {
                Self(value)
            }

            /// The value, for the one use it is there for.
            pub const fn expose(&self) -> &T {
                &self.0
            }

            /// The value, no longer protected.
            pub fn into_exposed(self) -> T {
                self.0
            }
        }

        impl<T> std::fmt::Display for $name<T> {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str($mask.as_str())
            }
        }

        impl<T> std::fmt::Debug for $name<T> {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str($mask.as_str())
            }
        }
    };
}

masked!(
    /// A key, a token, a password (P13). Prints `[secret]`.
    Secret,
    Mask::Secret
);
masked!(
    /// Page text, a prompt, a script, a title (P14). Prints `[content]`.
    Content,
    Mask::Content
);
masked!(
    /// A person's name, address or id (P8). Prints `[name]`.
    Person,
    Mask::Name
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p13_p14_a_wrapped_value_prints_its_kind_alone() {
        let secret = Secret::new("heron-key");
        let content = Content::new(vec!["The heron plan"]);
        let person = Person::new("Mira Vale");
        assert_eq!(format!("{secret} {secret:?}"), "[secret] [secret]");
        assert_eq!(format!("{content} {content:#?}"), "[content] [content]");
        assert_eq!(format!("{:?}", Some(person)), "Some([name])");
        assert_eq!(*secret.expose(), "heron-key");
        assert_eq!(content.into_exposed(), ["The heron plan"]);
    }
}
