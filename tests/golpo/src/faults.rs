//! What can go wrong with a call.

use std::time::Duration;

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// `POST /api/v2/videos/generate`.
    Generate,
    /// `GET /api/v1/videos/status/{job}`.
    Status,
    /// `GET /api/v2/videos/{id}`.
    Video,
    /// `GET /api/v2/videos`.
    Videos,
    /// `GET /api/v2/users/credits`.
    Credits,
    /// `POST /api/v1/videos/upload-file`.
    Upload,
    /// `PUT` to a presigned address.
    Put,
    /// `GET` of a finished file.
    File,
}

/// A call that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this status and nothing done; the second is `Retry-After`.
    Status(u16, Option<String>),
    /// Done, and answered with this status as if it were not.
    DoneBut(u16),
    /// Done, and the answer breaks off.
    DoneButCut,
    /// Not done, and the answer breaks off.
    Cut,
    /// Answered after this pause.
    Slow(Duration),
    /// Done, and answered with something else than JSON.
    Garbage,
    /// Done, and answered with JSON of another shape.
    Surprise,
    /// A redirect to this address.
    Redirect(String),
    /// About a finished file.
    Lies(Lie),
}

/// What a finished file may turn out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// A page that asks to sign in, with status 200.
    Html,
    /// The same, called a video.
    HtmlAsVideo,
    /// Half of the video, announced as all of it.
    Half,
    /// Half of the video, as if that were all.
    Shortened,
    /// An endless one.
    Endless,
}
