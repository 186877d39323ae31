//! Who may configure: site administrators, on Confluence's word at the time of the call (P4). What
//! the Custom UI believes does not count.

use crate::{AppError, Host, confluence};

/// Whether the user administers Confluence.
pub(crate) async fn is_admin<H: Host>(host: &H) -> Result<bool, AppError> {
    let operations = confluence::user_operations(host).await?;
    Ok(operations
        .iter()
        .any(|(operation, target)| operation == "administer" && target == "application"))
}

/// Refuses everyone else.
pub(crate) async fn require<H: Host>(host: &H) -> Result<(), AppError> {
    if is_admin(host).await? {
        Ok(())
    } else {
        Err(AppError::AdminRequired)
    }
}
