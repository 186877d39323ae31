//! Answers to POSTs, kept for a day so that a request that is sent again gets the same one.

use zeroize::Zeroizing;

use super::{Records, RecordsError};
use crate::store::{AnswerRow, Owner, StoreError};
use crate::vault::{DataKey, Field, Place};

/// What was answered before to an idempotency key.
#[derive(Debug)]
pub enum Earlier {
    /// Nothing.
    None,
    /// This status and JSON.
    Same(u16, Zeroizing<Vec<u8>>),
    /// Something to another request.
    Conflict,
}

impl Records {
    /// What was answered to this key.
    pub async fn earlier(
        &self,
        owner: &dyn Owner,
        key: &str,
        request: &[u8],
    ) -> Result<Earlier, RecordsError> {
        let Some(row) = self.store.answer(owner, key).await? else {
            return Ok(Earlier::None);
        };
        let data_key = self.key(owner).await?;
        earlier(&data_key, owner, key, &data_key.request_hash(request), &row)
    }

    /// Keeps an answer, unless there is one already: then that one is given.
    pub async fn keep(
        &self,
        owner: &dyn Owner,
        key: &str,
        request: &[u8],
        status: u16,
        answer: &[u8],
        now: i64,
    ) -> Result<Earlier, RecordsError> {
        let data_key = self.key(owner).await?;
        let row = AnswerRow {
            request_hash: data_key.request_hash(request),
            status: i64::from(status),
            answer: data_key.seal(answer_place(owner, key), answer)?,
        };
        match self.store.keep_answer(owner, key, &row, now).await? {
            None => Ok(Earlier::None),
            Some(kept) => earlier(&data_key, owner, key, &row.request_hash, &kept),
        }
    }
}

pub(super) fn earlier(
    data_key: &DataKey,
    owner: &dyn Owner,
    key: &str,
    request_hash: &[u8],
    row: &AnswerRow,
) -> Result<Earlier, RecordsError> {
    if row.request_hash != request_hash {
        return Ok(Earlier::Conflict);
    }
    let status = u16::try_from(row.status).map_err(|_| StoreError::Corrupt("status"))?;
    let answer = data_key.open(answer_place(owner, key), &row.answer)?;
    Ok(Earlier::Same(status, answer))
}

/// The place of a kept answer: bound to the key that it was the answer to.
pub(super) fn answer_place<'a>(owner: &'a dyn Owner, idempotency_key: &'a str) -> Place<'a> {
    Place {
        tenant_id: owner.tenant_id(),
        field: Field::Answer,
        record: idempotency_key,
    }
}
