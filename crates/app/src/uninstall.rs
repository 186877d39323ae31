//! What happens when a site uninstalls the app: the backend is told, so that it deletes what it
//! holds of the site without anyone remembering it (P23). Forge deletes its own storage by itself.

use crate::{AppError, Host, LogLevel, LogLine, backend};

/// Forge calls this once and ignores how it ends, so that a second and third try are made here.
const TRIES: u32 = 3;

/// Tells the backend. The site is said by Forge's token alone (P2).
pub async fn uninstall<H: Host>(host: &H) {
    for attempt in 1..=TRIES {
        let Err(error) = backend::uninstalled(host).await else {
            return;
        };
        let line = format!("uninstall attempt={attempt} code={} {error}", error.code());
        host.log(LogLevel::Error, LogLine::new(&line));
        // What the backend refuses it refuses again.
        if matches!(error, AppError::Refused(_)) {
            return;
        }
    }
}
