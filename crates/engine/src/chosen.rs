//! Two engines as one: who has an API key is served by the one that wants a key, who has none by the
//! other. An order stays with whom it began: one that is noted at the first is never made again by
//! the second.

use std::sync::Arc;

use protocol::{ApiKey, EngineDescription};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Account, EngineError, MadeVideo, Order, Progress, VideoEngine};

/// The engine that a tenant's key chooses.
pub struct ByKey {
    /// For tenants with a key.
    pub with: Arc<dyn VideoEngine>,
    /// For tenants without one.
    pub without: Arc<dyn VideoEngine>,
}

#[async_trait::async_trait]
impl VideoEngine for ByKey {
    fn describe(&self) -> EngineDescription {
        self.without.describe()
    }

    fn describe_for(&self, has_key: bool) -> EngineDescription {
        let engine = if has_key { &self.with } else { &self.without };
        engine.describe_for(has_key)
    }

    async fn account(&self, key: &ApiKey) -> Result<Option<Account>, EngineError> {
        self.with.account(key).await
    }

    async fn make(
        &self,
        order: Order<'_>,
        progress: watch::Sender<Progress>,
        cancel: CancellationToken,
    ) -> Result<MadeVideo, EngineError> {
        let note = order.journal.read().await?;
        let begun = note.is_some_and(|note| !note.is_empty());
        let engine = if begun || order.api_key.is_some() {
            &self.with
        } else {
            &self.without
        };
        engine.make(order, progress, cancel).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Journal, JournalError, NoJournal, Waiting};
    use protocol::{Script, ScriptSection, Stage, VideoOptions};
    use std::time::Duration;

    /// Says which one it is by what it asks to wait.
    struct Named(u64);

    #[async_trait::async_trait]
    impl VideoEngine for Named {
        fn describe(&self) -> EngineDescription {
            let description = crate::local::LocalEngine::new(crate::local::Config::silent());
            EngineDescription {
                name: self.0.to_string(),
                ..description.unwrap().describe()
            }
        }

        async fn make(
            &self,
            _: Order<'_>,
            _: watch::Sender<Progress>,
            _: CancellationToken,
        ) -> Result<MadeVideo, EngineError> {
            Err(EngineError::Later {
                after: Duration::from_secs(self.0),
                why: Waiting::Working,
            })
        }
    }

    #[derive(Debug)]
    struct Begun;

    #[async_trait::async_trait]
    impl Journal for Begun {
        async fn read(&self) -> Result<Option<Vec<u8>>, JournalError> {
            Ok(Some(vec![1]))
        }

        async fn write(&self, _: &[u8]) -> Result<(), JournalError> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn the_key_chooses_and_what_was_begun_stays() {
        let engine = ByKey {
            with: Arc::new(Named(1)),
            without: Arc::new(Named(2)),
        };
        assert_eq!(engine.describe_for(true).name, "1");
        assert_eq!(engine.describe_for(false).name, "2");
        let section = ScriptSection {
            heading: "A".to_owned(),
            text: "B".to_owned(),
        };
        let script = Script::new("T".to_owned(), vec![section]).unwrap();
        let options = VideoOptions::default();
        let key = ApiKey::try_from("a-key-of-golpo".to_owned()).unwrap();
        for (api_key, journal, expected) in [
            (Some(&key), &NoJournal as &dyn Journal, 1),
            (None, &NoJournal, 2),
            (None, &Begun, 1),
        ] {
            let order = Order {
                script: &script,
                options: &options,
                api_key,
                journal,
                directory: std::path::Path::new("."),
            };
            let (sender, _) = watch::channel(Progress {
                stage: Stage::Waiting,
                percent: 0,
            });
            let made = engine.make(order, sender, CancellationToken::new()).await;
            let Err(EngineError::Later { after, .. }) = made else {
                panic!("{made:?}");
            };
            assert_eq!(after.as_secs(), expected);
        }
    }
}
