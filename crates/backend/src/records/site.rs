//! The site as a whole: its API key and what it used.

use protocol::{ApiKey, ApiKeyState, ErrorCode, Failure, SiteLimits, SpaceId, Usage, UsageLine};

use super::{Records, RecordsError, api_key_place, month, timestamp, word};
use crate::store::{ApiKeyRow, Owner, StoreError};

impl Records {
    /// What may be shown of the tenant's API key (P11).
    pub async fn api_key_state(&self, owner: &dyn Owner) -> Result<ApiKeyState, RecordsError> {
        let Some(row) = self.store.api_key(owner).await? else {
            return Ok(ApiKeyState::default());
        };
        let problem = self.store.key_problem(owner).await?;
        Ok(ApiKeyState {
            present: true,
            fingerprint: Some(row.fingerprint),
            saved_at: Some(timestamp(row.saved_at)?),
            problem: problem.and_then(|(code, _)| Some(Failure::new(word(&code)?))),
            ..ApiKeyState::default()
        })
    }

    /// The tenant's API key, for the one call that must carry it.
    pub async fn api_key(&self, owner: &dyn Owner) -> Result<Option<ApiKey>, RecordsError> {
        let Some(row) = self.store.api_key(owner).await? else {
            return Ok(None);
        };
        let key = self.key(owner).await?;
        let text = key.open(api_key_place(owner), &row.api_key)?;
        let corrupt = StoreError::Corrupt("api_key");
        let text = std::str::from_utf8(&text).map_err(|_| StoreError::Corrupt("api_key"))?;
        Ok(Some(
            ApiKey::try_from(text.to_owned()).map_err(|_| corrupt)?,
        ))
    }

    /// Notes what the engine says of the tenant's API key: that it refuses it, or that it does not.
    pub async fn note_key_problem(
        &self,
        owner: &dyn Owner,
        code: Option<ErrorCode>,
        now: i64,
    ) -> Result<(), RecordsError> {
        let code = code.map(ErrorCode::as_str);
        Ok(self.store.set_key_problem(owner, code, now).await?)
    }

    /// Saves the tenant's API key, replacing the one before.
    pub async fn put_api_key(
        &self,
        owner: &dyn Owner,
        api_key: &ApiKey,
        now: i64,
    ) -> Result<ApiKeyState, RecordsError> {
        let key = self.key(owner).await?;
        let row = ApiKeyRow {
            api_key: key.seal(api_key_place(owner), api_key.expose().as_bytes())?,
            fingerprint: key.fingerprint(api_key.expose()),
            saved_at: now,
        };
        self.store.put_api_key(owner, &row).await?;
        Ok(ApiKeyState {
            present: true,
            fingerprint: Some(row.fingerprint),
            saved_at: Some(timestamp(now)?),
            ..ApiKeyState::default()
        })
    }

    /// Forgets the tenant's API key.
    pub async fn delete_api_key(&self, owner: &dyn Owner) -> Result<ApiKeyState, RecordsError> {
        self.store.delete_api_key(owner).await?;
        self.api_key_state(owner).await
    }

    /// What the tenant's administrator allows.
    pub async fn limits(&self, owner: &dyn Owner) -> Result<SiteLimits, RecordsError> {
        let row = self
            .store
            .tenant(owner)
            .await?
            .ok_or(RecordsError::Unknown)?;
        let number = |value: Option<i64>| value.map(u32::try_from).transpose();
        let corrupt = |_| StoreError::Corrupt("limits");
        Ok(SiteLimits {
            monthly_videos: number(row.monthly_videos).map_err(corrupt)?,
            retention_days: number(row.retention_days).map_err(corrupt)?,
        })
    }

    /// Allows so much from now on.
    pub async fn set_limits(
        &self,
        owner: &dyn Owner,
        limits: SiteLimits,
    ) -> Result<(), RecordsError> {
        let (videos, days) = (limits.monthly_videos, limits.retention_days);
        let set = self
            .store
            .set_limits(owner, videos.map(i64::from), days.map(i64::from));
        Ok(set.await?)
    }

    /// What the tenant used from one month to another, both included, by month, space and engine.
    pub async fn usage_lines(
        &self,
        owner: &dyn Owner,
        first: &str,
        last: &str,
    ) -> Result<Vec<UsageLine>, RecordsError> {
        let rows = self.store.usage(owner, first, last).await?;
        let corrupt = |_| StoreError::Corrupt("charges");
        let lines = rows.into_iter().map(|row| {
            let space = row.space_id.map(SpaceId::try_from).transpose();
            Ok(UsageLine {
                month: row.month,
                space_id: space.map_err(|_| StoreError::Corrupt("space_id"))?,
                engine: row.engine,
                videos: u64::try_from(row.videos).map_err(corrupt)?,
                seconds: u64::try_from(row.seconds).map_err(corrupt)?,
            })
        });
        let mut lines = lines.collect::<Result<Vec<_>, StoreError>>()?;
        // Databases do not agree on where an absent space goes.
        lines.sort();
        Ok(lines)
    }

    /// What the tenant used in the month of `now`.
    pub async fn usage(&self, owner: &dyn Owner, now: i64) -> Result<Usage, RecordsError> {
        let month = month(now)?;
        let rows = self.store.usage(owner, &month, &month).await?;
        let sum = |of: fn(&crate::store::UsageRow) -> i64| {
            u32::try_from(rows.iter().map(of).sum::<i64>())
                .map_err(|_| StoreError::Corrupt("charges"))
        };
        Ok(Usage {
            videos: sum(|row| row.videos)?,
            seconds: sum(|row| row.seconds)?,
            month,
        })
    }
}
