//! Whether a video still says what its page says. The page's version is a call for many pages and
//! rises with every save; only where it has risen is the page read, and its fingerprint tells
//! whether a word has changed or only the save has. A video without a fingerprint, or with
//! one of other rules, goes by the version.

use std::collections::HashMap;

use futures_util::future::join_all;
use protocol::{Fingerprint, PageId, Video, VideoState};

use crate::{
    Host, LogLevel, LogLine,
    confluence::{self, Visible},
};

/// The most pages that one call reads to tell their videos' freshness. Each is a call of
/// Confluence and a body to take in, and a list of videos must not take its 25 seconds.
const MAX_PAGES_READ: usize = 5;

/// What is known of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It says what the page says.
    Current,
    /// The page was saved anew and was not read.
    Unknown,
    /// The page says something else now.
    OutOfDate,
}

/// What a video was made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub version: u32,
    pub fingerprint: Option<Fingerprint>,
}

impl From<&Video> for Source {
    fn from(video: &Video) -> Self {
        Self {
            version: video.page_version,
            fingerprint: video.source_fingerprint,
        }
    }
}

/// The fingerprints of the pages that were read. A page that is not among them was not worth
/// reading, or was one too many.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    /// None for a page that could not be read; its videos go by the version.
    read: HashMap<PageId, Option<Fingerprint>>,
}

impl Fingerprints {
    /// Reads the pages that must be read to judge finished videos, in the videos' order and at
    /// most [`MAX_PAGES_READ`], at the same time.
    pub(crate) async fn of_videos<H: Host>(
        host: &H,
        videos: &[Video],
        pages: &HashMap<PageId, Visible>,
    ) -> Self {
        let mut wanted: Vec<(&PageId, Visible)> = Vec::new();
        for video in videos {
            let Some(page) = pages.get(&video.page_id) else {
                continue;
            };
            let decides = video.state == VideoState::Done && needs_page(video.into(), *page);
            if decides && wanted.iter().all(|(id, _)| **id != video.page_id) {
                wanted.push((&video.page_id, *page));
            }
        }
        wanted.truncate(MAX_PAGES_READ);
        let reads = wanted.into_iter().map(|(id, page)| async move {
            let read = confluence::read_page(host, id, page.is_blog_post).await;
            let fingerprint = read.map(|page| page.fingerprint()).map_err(|error| {
                let line = format!("freshness code={} {error}", error.code());
                host.log(LogLevel::Warn, LogLine::new(&line));
            });
            (id.clone(), fingerprint.ok())
        });
        Self {
            read: join_all(reads).await.into_iter().collect(),
        }
    }

    /// Reads one page, if one of its videos needs it.
    pub(crate) async fn of_page<H: Host>(
        host: &H,
        id: &PageId,
        page: Visible,
        sources: impl IntoIterator<Item = Source>,
    ) -> Self {
        if !sources.into_iter().any(|source| needs_page(source, page)) {
            return Self::default();
        }
        let read = confluence::read_page(host, id, page.is_blog_post).await;
        let fingerprint = read.ok().map(|page| page.fingerprint());
        Self {
            read: HashMap::from([(id.clone(), fingerprint)]),
        }
    }

    /// What is known of a video of a page.
    pub(crate) fn judge(&self, id: &PageId, page: Visible, source: Source) -> Freshness {
        if !needs_page(source, page) {
            return if page.version > source.version {
                Freshness::OutOfDate
            } else {
                Freshness::Current
            };
        }
        match self.read.get(id) {
            None => Freshness::Unknown,
            Some(now) if *now == source.fingerprint => Freshness::Current,
            Some(_) => Freshness::OutOfDate,
        }
    }
}

/// Whether the version alone does not decide.
fn needs_page(source: Source, page: Visible) -> bool {
    let comparable = source.fingerprint.is_some_and(Fingerprint::is_comparable);
    page.version > source.version && comparable
}
