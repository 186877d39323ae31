//! What the app tells the backend of its failures: which one, and in which operation. There is no
//! place in it for a word of a page, a person or a site (P14).

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Operation};

/// One failure inside the app, as `POST /v1/errors` takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorReport {
    /// What failed.
    pub code: ErrorCode,
    /// What was asked for; absent where the app does not know the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p14_a_report_has_room_for_our_own_words_alone() {
        let report: ErrorReport =
            serde_json::from_str(r#"{"code":"page_unreadable","operation":"preview"}"#).unwrap();
        assert_eq!(report.code, ErrorCode::PageUnreadable);
        assert_eq!(report.operation, Some(Operation::Preview));
        for wrong in [
            r#"{"code":"The heron plan"}"#,
            r#"{"code":"internal","operation":"heron"}"#,
            r#"{"code":"internal","message":"The heron plan"}"#,
            r#"{"operation":"preview"}"#,
        ] {
            assert!(
                serde_json::from_str::<ErrorReport>(wrong).is_err(),
                "{wrong}"
            );
        }
    }
}
