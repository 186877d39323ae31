//! Videos: asked for, listed, looked up.

use protocol::{
    Chapter, ErrorCode, Failure, Fingerprint, NewVideo, PageId, Stage, Video, VideoId, VideoPage,
    VideoState,
};
use zeroize::Zeroizing;

use super::answers::{answer_place, earlier};
use super::{Earlier, Records, RecordsError, json, month, timestamp, video_place, word};
use crate::store::{AnswerRow, Inserted, NewVideoRow, Owner, StoreError, VideoRow};
use crate::vault::{DataKey, Field};

/// The status of the answer to a request for a video.
pub const ACCEPTED: u16 = 202;

/// What became of a request to make a video.
#[derive(Debug)]
pub enum Created {
    /// It is queued; the id, and the answer's JSON.
    New(VideoId, Zeroizing<Vec<u8>>),
    /// The same request was answered before, with this JSON.
    Same(Zeroizing<Vec<u8>>),
    /// The idempotency key was used for another request.
    Conflict,
    /// The month's allowance is used up.
    AllowanceUsed,
}

impl Records {
    /// Queues a video and its job, once for each idempotency key.
    pub async fn create_video(
        &self,
        owner: &dyn Owner,
        new: &NewVideo,
        idempotency_key: &str,
        now: i64,
    ) -> Result<Created, RecordsError> {
        let key = self.key(owner).await?;
        let request_hash = key.request_hash(&json(new)?);
        let id: VideoId = uuid::Uuid::now_v7()
            .hyphenated()
            .to_string()
            .parse()
            .map_err(|_| StoreError::Corrupt("id"))?;
        let place = |field| video_place(owner, field, &id);
        let body = json(&queued(&id, new, now)?)?;
        let answer = AnswerRow {
            request_hash,
            status: i64::from(ACCEPTED),
            answer: key.seal(answer_place(owner, idempotency_key), &body)?,
        };
        let row = NewVideoRow {
            id: &id,
            page_id: &new.page_id,
            space_id: new.space_id.as_ref().map(protocol::SpaceId::as_str),
            page_version: new.page_version,
            source_fingerprint: new.source_fingerprint.map(String::from),
            title: key.seal(place(Field::Title), new.script.title().as_bytes())?,
            options: serde_json::to_string(&new.options)
                .map_err(|_| StoreError::Corrupt("options"))?,
            script: key.seal(place(Field::Script), &json(&new.script)?)?,
            month: &month(now)?,
        };
        let inserted = self
            .store
            .insert_video(owner, &row, idempotency_key, &answer, now)
            .await?;
        Ok(match inserted {
            Inserted::New => Created::New(id, body),
            Inserted::AllowanceUsed => Created::AllowanceUsed,
            Inserted::NotActive => {
                // What was remembered of it is not true any more.
                self.forget(owner);
                return Err(RecordsError::Suspended);
            }
            Inserted::Answered(row) => {
                let hash = &answer.request_hash;
                match earlier(&key, owner, idempotency_key, hash, &row)? {
                    Earlier::Same(_, answer) => Created::Same(answer),
                    Earlier::None | Earlier::Conflict => Created::Conflict,
                }
            }
        })
    }

    /// One video of the tenant.
    pub async fn video(
        &self,
        owner: &dyn Owner,
        id: &VideoId,
    ) -> Result<Option<Video>, RecordsError> {
        let Some(row) = self.store.video(owner, id).await? else {
            return Ok(None);
        };
        let key = self.key(owner).await?;
        Ok(Some(read_video(owner, &key, row)?))
    }

    /// The tenant's videos, newest first: at most `limit` of those made before `cursor`.
    pub async fn videos(
        &self,
        owner: &dyn Owner,
        page_id: Option<&PageId>,
        cursor: Option<&VideoId>,
        limit: u32,
    ) -> Result<VideoPage, RecordsError> {
        let key = self.key(owner).await?;
        // One more than asked for tells whether there is a next page.
        let mut rows = self
            .store
            .videos(owner, page_id, cursor, i64::from(limit) + 1)
            .await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let videos = rows
            .into_iter()
            .map(|row| read_video(owner, &key, row))
            .collect::<Result<Vec<_>, _>>()?;
        let last = videos.last().filter(|_| more);
        let next_cursor = last.map(|video| video.id.to_string());
        Ok(VideoPage {
            videos,
            next_cursor,
        })
    }

    /// The chapters of one of the tenant's videos; `None` when there is no such finished video.
    pub async fn chapters(
        &self,
        owner: &dyn Owner,
        id: &VideoId,
    ) -> Result<Option<Vec<Chapter>>, RecordsError> {
        let Some(sealed) = self.store.chapters(owner, id).await? else {
            return Ok(None);
        };
        let key = self.key(owner).await?;
        let chapters = key.open(video_place(owner, Field::Chapters, id), &sealed)?;
        let chapters =
            serde_json::from_slice(&chapters).map_err(|_| StoreError::Corrupt("chapters"))?;
        Ok(Some(chapters))
    }
}

fn queued(id: &VideoId, new: &NewVideo, now: i64) -> Result<Video, StoreError> {
    Ok(Video {
        id: id.clone(),
        page_id: new.page_id.clone(),
        page_version: new.page_version,
        source_fingerprint: new.source_fingerprint,
        title: new.script.title().to_owned(),
        state: VideoState::Queued,
        stage: Stage::Waiting,
        percent: 0,
        failure: None,
        options: new.options.clone(),
        created_at: timestamp(now)?,
        finished_at: None,
        duration_ms: None,
        engine: None,
    })
}

fn read_video(owner: &dyn Owner, key: &DataKey, row: VideoRow) -> Result<Video, RecordsError> {
    let corrupt = StoreError::Corrupt;
    let id: VideoId = row.id.parse().map_err(|_| corrupt("id"))?;
    let title = key.open(video_place(owner, Field::Title, &id), &row.title)?;
    let failure = row
        .failure_code
        .map(|code| word::<ErrorCode>(&code).ok_or(corrupt("failure_code")))
        .transpose()?
        .map(Failure::new);
    let fingerprint = row
        .source_fingerprint
        .map(Fingerprint::try_from)
        .transpose()
        .map_err(|_| corrupt("source_fingerprint"))?;
    Ok(Video {
        page_id: row.page_id.parse().map_err(|_| corrupt("page_id"))?,
        page_version: u32::try_from(row.page_version).map_err(|_| corrupt("page_version"))?,
        source_fingerprint: fingerprint,
        title: String::from_utf8(title.to_vec()).map_err(|_| corrupt("title"))?,
        state: word(&row.state).ok_or(corrupt("state"))?,
        stage: word(&row.stage).ok_or(corrupt("stage"))?,
        percent: u8::try_from(row.percent).map_err(|_| corrupt("percent"))?,
        failure,
        options: serde_json::from_str(&row.options).map_err(|_| corrupt("options"))?,
        created_at: timestamp(row.created_at)?,
        finished_at: row.finished_at.map(timestamp).transpose()?,
        duration_ms: row
            .duration_ms
            .map(u32::try_from)
            .transpose()
            .map_err(|_| corrupt("duration_ms"))?,
        engine: row.engine,
        id,
    })
}
