//! Reads JSON texts into checked types. The code that serde derives is some kilobytes of wasm for
//! each type, which every cold start would pay for; here a text becomes one tree of borrowed values,
//! and each type takes its members out of that. Must never repeat in an error what stood in a text.
//!
//! A test holds every reader beside serde's of the same type (`agreement`).

#[cfg(test)]
mod agreement;
mod shapes;
mod text;

use std::borrow::Cow;

use protocol::ScriptError;

/// A JSON value of a text, which it borrows from.
#[derive(Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
    /// A member that was taken out of its object.
    Taken,
}

/// Why a text is not of a type. Members are named by our names for them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Not JSON, or nested too deep.
    Text,
    /// A member is missing.
    Missing(&'static str),
    /// The value of a member is not of its type; nameless for the whole.
    Value(&'static str),
    /// A member that an object which is ours does not have.
    Unknown,
    /// A script beyond its limits.
    Script(ScriptError),
}

impl Wrong {
    /// The error of a value, as that of the member it is in.
    fn within(self, member: &'static str) -> Self {
        match self {
            Self::Value("") => Self::Value(member),
            inner => inner,
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (before, name, behind) = match self {
            Self::Text => ("The payload is not JSON.", "", ""),
            Self::Missing(name) => ("The field ", *name, " is missing."),
            Self::Value("") => ("The payload is not of the expected form.", "", ""),
            Self::Value(name) => ("The value of ", *name, " is wrong."),
            Self::Unknown => ("There is a field too many.", "", ""),
            Self::Script(_) => ("The script is beyond its limits.", "", ""),
        };
        formatter.write_str(before)?;
        formatter.write_str(name)?;
        formatter.write_str(behind)
    }
}

/// A type that can be read.
pub(crate) trait FromJson: Sized {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong>;

    /// What stands for a member that is not there, if it may be missing.
    fn absent() -> Option<Self> {
        None
    }
}

/// The value of a JSON text.
pub(crate) fn read<T: FromJson>(text: &str) -> Result<T, Wrong> {
    T::from_json(text::parse(text).ok_or(Wrong::Text)?)
}

/// The members of an object, taken out one by one.
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Members<'a> {
    pub(crate) fn of(value: Json<'a>) -> Result<Self, Wrong> {
        match value {
            Json::Object(members) => Ok(Self(members)),
            _ => Err(Wrong::Value("")),
        }
    }

    /// A member that may be missing if its type says so.
    pub(crate) fn take<T: FromJson>(&mut self, name: &'static str) -> Result<T, Wrong> {
        match self.find(name)? {
            Some(value) => T::from_json(value).map_err(|wrong| wrong.within(name)),
            None => T::absent().ok_or(Wrong::Missing(name)),
        }
    }

    /// A member for which its type's default stands when it is missing.
    pub(crate) fn take_or_default<T: FromJson + Default>(
        &mut self,
        name: &'static str,
    ) -> Result<T, Wrong> {
        match self.find(name)? {
            Some(value) => T::from_json(value).map_err(|wrong| wrong.within(name)),
            None => Ok(T::default()),
        }
    }

    /// Refuses what was not taken.
    pub(crate) fn end(self) -> Result<(), Wrong> {
        let all = self.0.iter().all(|(_, value)| *value == Json::Taken);
        if all { Ok(()) } else { Err(Wrong::Unknown) }
    }

    #[inline(never)]
    fn find(&mut self, name: &'static str) -> Result<Option<Json<'a>>, Wrong> {
        let mut found = None;
        for (key, value) in &mut self.0 {
            if key == name {
                let value = std::mem::replace(value, Json::Taken);
                if found.replace(value).is_some() {
                    return Err(Wrong::Value(name));
                }
            }
        }
        Ok(found)
    }
}

/// Reads an object member by member: `name: "name"`, or `name: "name" or default` where the type's
/// default stands for a missing one. `closed` refuses any other member.
macro_rules! object {
    ($($type:ident $mode:ident { $($field:ident: $name:literal $(or $default:ident)?,)* })*) => {$(
        impl $crate::json::FromJson for $type {
            fn from_json(value: $crate::json::Json<'_>) -> Result<Self, $crate::json::Wrong> {
                let mut members = $crate::json::Members::of(value)?;
                let read = Self {
                    $($field: $crate::json::object!(@take members $name $($default)?),)*
                };
                $crate::json::object!(@end members $mode);
                Ok(read)
            }
        }
    )*};
    (@take $members:ident $name:literal) => { $members.take($name)? };
    (@take $members:ident $name:literal default) => { $members.take_or_default($name)? };
    (@end $members:ident open) => {};
    (@end $members:ident closed) => { $members.end()? };
}
pub(crate) use object;

#[inline(never)]
fn text_of(value: Json<'_>) -> Result<String, Wrong> {
    match value {
        Json::Text(text) => Ok(text.into_owned()),
        _ => Err(Wrong::Value("")),
    }
}

#[inline(never)]
fn number_of(value: &Json<'_>, most: u64) -> Result<u64, Wrong> {
    match value {
        // No sign, no point, no exponent, as serde has it; leading zeros are not JSON.
        Json::Number(digits) => digits.parse().ok().filter(|number| *number <= most),
        _ => None,
    }
    .ok_or(Wrong::Value(""))
}

impl FromJson for String {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
        text_of(value)
    }
}

impl FromJson for bool {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
        match value {
            Json::Bool(value) => Ok(value),
            _ => Err(Wrong::Value("")),
        }
    }
}

macro_rules! numbers {
    ($($type:ident)*) => {$(
        impl FromJson for $type {
            fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
                let number = number_of(&value, u64::from($type::MAX))?;
                $type::try_from(number).map_err(|_| Wrong::Value(""))
            }
        }
    )*};
}
numbers!(u8 u16 u32 u64);

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
        match value {
            Json::Null => Ok(None),
            value => T::from_json(value).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Json<'_>) -> Result<Self, Wrong> {
        let Json::List(values) = value else {
            return Err(Wrong::Value(""));
        };
        let mut read = Self::with_capacity(values.len());
        for value in values {
            read.push(T::from_json(value)?);
        }
        Ok(read)
    }
}
