//! The chain: which MAC an entry has, and what is wrong with a trail. Pure. Must never put a seal on an end
//! that it did not find good without an entry that says so: else the next honest entry would hide a
//! cut.

use std::str::FromStr;

use super::rows::{EntryRow, Extent, HeadRow};
use super::{Act, Note, Role, is_new};
use crate::vault::chain::ChainKey;
use crate::vault::{hex, unhex};

const ENTRY: &[u8] = b"golpo audit entry 1";
const HEAD: &[u8] = b"golpo audit head 1";

/// The entries to add for a note, and the head behind them.
pub(super) fn link(
    key: &ChainKey,
    head: &HeadRow,
    note: Note<'_>,
    now: i64,
) -> (Vec<EntryRow>, HeadRow) {
    let mut entries = Vec::with_capacity(2);
    let (mut number, mut before) = (head.entries, head.mac.clone());
    let mut add = |note: Note<'_>| {
        number += 1;
        let mut entry = EntryRow {
            number,
            happened_at: now,
            act: note.act.as_str().to_owned(),
            role: note.role.as_str().to_owned(),
            tenant: note.tenant.map(str::to_owned),
            incident: note.incident.map(|incident| incident.to_string()),
            amount: note.amount,
            mac: Vec::new(),
        };
        entry.mac = mac(key, &before, &entry);
        before.clone_from(&entry.mac);
        entries.push(entry);
    };
    if is_new(head) {
        add(Note::new(Act::TrailBegun, Role::System));
    } else if !seal_is_good(key, head) {
        add(Note::new(Act::TrailBroken, Role::System));
    }
    add(note);
    let seal = key.sign(HEAD, &[&number.to_be_bytes(), &before]);
    let head = HeadRow {
        entries: number,
        mac: before,
        seal,
    };
    (entries, head)
}

fn mac(key: &ChainKey, before: &[u8], entry: &EntryRow) -> Vec<u8> {
    with_parts(before, entry, |parts| key.sign(ENTRY, parts))
}

fn mac_is_good(key: &ChainKey, before: &[u8], entry: &EntryRow) -> bool {
    with_parts(before, entry, |parts| key.verify(ENTRY, parts, &entry.mac))
}

fn with_parts<T>(before: &[u8], entry: &EntryRow, of: impl FnOnce(&[&[u8]]) -> T) -> T {
    // One that is absent is told from one that is empty.
    let optional = |text: &Option<String>| match text {
        Some(text) => [b"+", text.as_bytes()].concat(),
        None => Vec::new(),
    };
    of(&[
        before,
        &entry.number.to_be_bytes(),
        &entry.happened_at.to_be_bytes(),
        entry.act.as_bytes(),
        entry.role.as_bytes(),
        &optional(&entry.tenant),
        &optional(&entry.incident),
        &entry.amount.to_be_bytes(),
    ])
}

fn seal_is_good(key: &ChainKey, head: &HeadRow) -> bool {
    key.verify(HEAD, &[&head.entries.to_be_bytes(), &head.mac], &head.seal)
}

/// A trail's end that was seen good: written `ENTRIES:MAC`, and to be kept outside of the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchor {
    /// How many entries there were.
    pub entries: i64,
    /// The last one's MAC.
    mac: Vec<u8>,
}

impl std::fmt::Display for Anchor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.entries, hex(&self.mac))
    }
}

/// Not an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an anchor is what `golpo-backend audit verify` printed: ENTRIES:MAC")]
pub struct NotAnAnchor;

impl FromStr for Anchor {
    type Err = NotAnAnchor;

    fn from_str(text: &str) -> Result<Self, NotAnAnchor> {
        let (entries, mac) = text.split_once(':').ok_or(NotAnAnchor)?;
        let entries: i64 = entries.parse().map_err(|_| NotAnAnchor)?;
        let mac = unhex(mac).ok_or(NotAnAnchor)?;
        let fits = if entries == 0 { 0 } else { 32 };
        if entries < 0 || mac.len() != fits {
            return Err(NotAnAnchor);
        }
        Ok(Self { entries, mac })
    }
}

/// What is wrong with a trail, at its first bad entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The number is missing where others follow.
    #[error("entry {0} is missing")]
    Missing(i64),
    /// Something of it, or its place, is not what was written.
    #[error("entry {0} was changed, moved or put in")]
    Changed(i64),
    /// The service found the trail's end not as it had left it, and said so in this entry.
    #[error("entry {0} says that the trail had been changed at its end before")]
    Broken(i64),
    /// The head says that there are more.
    #[error("entry {0} and what followed were cut off the end")]
    Cut(i64),
    /// There are more than the head says.
    #[error("entry {0} stands behind the end")]
    BehindTheEnd(i64),
    /// The head was changed.
    #[error("the end, behind entry {0}, was changed")]
    Head(i64),
    /// An end that was seen before is not there any more.
    #[error(
        "entry {0} is not what it was when it was seen before: the trail was set back or replaced"
    )]
    SetBack(i64),
    /// The key of the chain is gone.
    #[error("the trail's key is missing, so that no entry can be verified")]
    NoKey,
}

impl Fault {
    /// A stable name for JSON and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing(_) => "audit_missing",
            Self::Changed(_) => "audit_changed",
            Self::Broken(_) => "audit_broken",
            Self::Cut(_) => "audit_cut",
            Self::BehindTheEnd(_) => "audit_behind_the_end",
            Self::Head(_) => "audit_head",
            Self::SetBack(_) => "audit_set_back",
            Self::NoKey => "audit_no_key",
        }
    }

    /// The entry that it is about; none where there is no telling.
    pub fn entry(self) -> Option<i64> {
        match self {
            Self::Missing(entry)
            | Self::Changed(entry)
            | Self::Broken(entry)
            | Self::Cut(entry)
            | Self::BehindTheEnd(entry)
            | Self::Head(entry)
            | Self::SetBack(entry) => Some(entry),
            Self::NoKey => None,
        }
    }
}

/// What a look at a trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How far it is good.
    pub anchor: Anchor,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// A trail without a key is good only when nothing was ever written.
pub(super) fn without_key(extent: &Extent) -> Verdict {
    let empty = is_new(&extent.head) && extent.count == 0;
    Verdict {
        anchor: Anchor::default(),
        fault: (!empty).then_some(Fault::NoKey),
    }
}

/// A look at a trail, entry by entry.
pub(super) struct Look<'a> {
    key: &'a ChainKey,
    good: Anchor,
    fault: Option<Fault>,
}

impl<'a> Look<'a> {
    /// A look from here on.
    pub(super) fn new(key: &'a ChainKey, anchor: &Anchor) -> Self {
        Self {
            key,
            good: anchor.clone(),
            fault: None,
        }
    }

    /// Whether nothing wrong was seen yet.
    pub(super) fn is_good(&self) -> bool {
        self.fault.is_none()
    }

    /// The number of the next entry.
    pub(super) fn next(&self) -> i64 {
        self.good.entries + 1
    }

    /// Whether the entry of the anchor is what it was.
    pub(super) fn anchored(&mut self, entry: Option<&EntryRow>) {
        let same = entry
            .is_some_and(|entry| entry.number == self.good.entries && entry.mac == self.good.mac);
        if !same {
            self.fault = Some(Fault::SetBack(self.good.entries));
        }
    }

    /// Looks at the next entry; whether it is good.
    pub(super) fn entry(&mut self, entry: &EntryRow) -> bool {
        let next = self.next();
        self.fault = if entry.number != next {
            Some(Fault::Missing(next))
        } else if !mac_is_good(self.key, &self.good.mac, entry) {
            Some(Fault::Changed(next))
        } else if entry.act == Act::TrailBroken.as_str() {
            Some(Fault::Broken(next))
        } else {
            self.good = Anchor {
                entries: next,
                mac: entry.mac.clone(),
            };
            None
        };
        self.is_good()
    }

    /// Looks at the end.
    pub(super) fn end(self, extent: &Extent) -> Verdict {
        let (head, seen) = (&extent.head, self.good.entries);
        let fault = self.fault.or_else(|| {
            if seen < head.entries {
                Some(Fault::Cut(seen + 1))
            } else if seen > head.entries {
                Some(Fault::SetBack(seen))
            } else if extent.last > seen || extent.count > seen {
                Some(Fault::BehindTheEnd(seen + 1))
            } else if seen == 0 && is_new(head) {
                // The key was made a moment ago, and its first entry is on its way.
                None
            } else if head.mac != self.good.mac || !seal_is_good(self.key, head) {
                Some(Fault::Head(seen))
            } else {
                None
            }
        });
        Verdict {
            anchor: self.good,
            fault,
        }
    }
}
