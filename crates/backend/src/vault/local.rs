//! Master keys in a file that its owner alone can read, one key in base64 a line, the last one the
//! current one; or in the environment variable `GOLPO_MASTER_KEY`, parted by commas. Must never use
//! a file that others can read, and never leave a file behind that holds half of its keys: it is
//! replaced as a whole, under a lock.
//!
//! The file is read again before a key is wrapped and when a key's master is unknown, so that a
//! running program follows a rotation by another one.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::envelope::{DataKey, KEY_LEN, bound, derived, hex, open_from, random, seal_into};
use super::master::{MasterKeyError, MasterKeys, WrappedKey};

/// More is no key file.
const FILE_LIMIT: u64 = 64 * 1024;
const WRAPPED_VERSION: u8 = 1;

/// One master key. Its bytes are kept by the file alone; here are those derived for wrapping.
struct Master {
    id: String,
    wrapping: RandomizedNonceKey,
}

/// At least one key, the last of them the current one.
struct Masters {
    former: Vec<Master>,
    current: Master,
}

impl Masters {
    fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let mut former = lines(text)
            .map(Master::from_base64)
            .collect::<Result<Vec<_>, _>>()?;
        let current = former.pop().ok_or(MasterKeyError::Malformed)?;
        Ok(Self { former, current })
    }

    fn get(&self, id: &str) -> Option<&Master> {
        std::iter::once(&self.current)
            .chain(&self.former)
            .find(|master| master.id == id)
    }
}

impl Master {
    fn from_base64(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = STANDARD.decode(text).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| MasterKeyError::Malformed)?;
        if bytes.len() != KEY_LEN {
            return Err(MasterKeyError::Malformed);
        }
        let derive = |label| derived(&bytes, b"golpo master key", label);
        let wrapping = derive("wrapping")?;
        Ok(Self {
            id: format!("local:{}", hex(&derive("id")?[..8])),
            wrapping: RandomizedNonceKey::new(&AES_256_GCM, wrapping.as_slice())
                .map_err(|_| MasterKeyError::Cipher)?,
        })
    }

    fn associated_data(&self, context: &str) -> Vec<u8> {
        let parts = [self.id.as_bytes(), context.as_bytes()];
        bound(b"golpo wrapped key 1", &parts)
    }
}

/// The keys of a file's or a variable's text; no key holds a character that parts them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character == ',' || character.is_whitespace())
        .filter(|line| !line.is_empty())
}

/// Master keys of a file or of the environment.
pub struct LocalMasterKeys {
    /// None where they were given as text.
    path: Option<PathBuf>,
    /// Replaced as a whole when the file is read again; locked for the time of a copy.
    masters: RwLock<Arc<Masters>>,
}

impl std::fmt::Debug for LocalMasterKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LocalMasterKeys")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl LocalMasterKeys {
    /// The keys of a text such as `GOLPO_MASTER_KEY`, parted by commas, the last one the current.
    pub fn from_text(text: &str) -> Result<Self, MasterKeyError> {
        Ok(Self {
            path: None,
            masters: RwLock::new(Arc::new(Masters::parse(text)?)),
        })
    }

    /// The keys of a file.
    pub fn read(path: &Path) -> Result<Self, MasterKeyError> {
        let masters = Masters::parse(&read_text(path)?)?;
        Ok(Self {
            path: Some(path.to_owned()),
            masters: RwLock::new(Arc::new(masters)),
        })
    }

    /// The keys of a file, which is made with one new key where it is not there.
    pub fn read_or_create(path: &Path) -> Result<Self, MasterKeyError> {
        match Self::read(path) {
            Err(MasterKeyError::Missing(_)) => {}
            done => return done,
        }
        let lock = lock(path)?;
        // Another program may have made it meanwhile.
        if !path
            .try_exists()
            .map_err(|source| file_error(path, source))?
        {
            replace(path, &new_line()?)?;
        }
        drop(lock);
        Self::read(path)
    }

    /// Whether the keys are those of a file, and not of the environment.
    pub fn is_file(&self) -> bool {
        self.path.is_some()
    }

    /// Appends a new key to the file, which is the current one from then on, and gives its id. What
    /// former keys wrapped still unwraps.
    pub fn rotate(&self) -> Result<String, MasterKeyError> {
        let path = self.path.as_deref().ok_or(MasterKeyError::NotAFile)?;
        let _lock = lock(path)?;
        let old = read_text(path)?;
        Masters::parse(&old)?;
        let new = new_line()?;
        let mut text = Zeroizing::new(String::with_capacity(old.len() + new.len() + 1));
        for line in lines(&old) {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&new);
        replace(path, &text)?;
        self.keep(Masters::parse(&text)?);
        Ok(self.current())
    }

    /// Drops all keys but the current one from the file, and gives how many went. `in_use` are the
    /// ids of all master keys that wrap a data key anywhere; one that would go is an error.
    pub fn retire(&self, in_use: &[String]) -> Result<usize, MasterKeyError> {
        let path = self.path.as_deref().ok_or(MasterKeyError::NotAFile)?;
        let _lock = lock(path)?;
        let old = read_text(path)?;
        let masters = Masters::parse(&old)?;
        if let Some(used) = in_use.iter().find(|id| **id != masters.current.id) {
            return Err(MasterKeyError::StillInUse(used.clone()));
        }
        let last = lines(&old).last().ok_or(MasterKeyError::Malformed)?;
        let text = Zeroizing::new(format!("{last}\n"));
        replace(path, &text)?;
        self.keep(Masters::parse(&text)?);
        Ok(masters.former.len())
    }

    fn masters(&self) -> Arc<Masters> {
        Arc::clone(&self.masters.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, masters: Masters) {
        *self.masters.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(masters);
    }

    /// Reads the file again, where there is one.
    async fn refresh(&self) -> Result<(), MasterKeyError> {
        let Some(path) = self.path.clone() else {
            return Ok(());
        };
        let read = move || Masters::parse(&read_text(&path)?);
        // The task fails only when the runtime stops.
        let masters = tokio::task::spawn_blocking(read).await;
        self.keep(masters.map_err(|_| MasterKeyError::Cipher)??);
        Ok(())
    }
}

#[async_trait]
impl MasterKeys for LocalMasterKeys {
    fn current(&self) -> String {
        self.masters().current.id.clone()
    }

    async fn wrap(&self, key: &DataKey, context: &str) -> Result<WrappedKey, MasterKeyError> {
        // Wrapping with a key that has been replaced would bring it back to life, and lose the data
        // key once it is dropped from the file.
        self.refresh().await?;
        let masters = self.masters();
        let master = &masters.current;
        let mut bytes = vec![WRAPPED_VERSION];
        let associated = master.associated_data(context);
        seal_into(&mut bytes, &master.wrapping, &associated, key.material())?;
        Ok(WrappedKey {
            master: master.id.clone(),
            bytes,
        })
    }

    async fn unwrap(&self, wrapped: &WrappedKey, context: &str) -> Result<DataKey, MasterKeyError> {
        if self.masters().get(&wrapped.master).is_none() {
            self.refresh().await?;
        }
        let masters = self.masters();
        let Some(master) = masters.get(&wrapped.master) else {
            return Err(MasterKeyError::Unknown(wrapped.master.clone()));
        };
        let Some((&WRAPPED_VERSION, sealed)) = wrapped.bytes.split_first() else {
            return Err(MasterKeyError::Refused);
        };
        let material = open_from(&master.wrapping, &master.associated_data(context), sealed)?;
        Ok(DataKey::from_material(material)?)
    }

    async fn probe(&self) -> Result<(), MasterKeyError> {
        self.refresh().await
    }
}

fn file_error(path: &Path, source: std::io::Error) -> MasterKeyError {
    if source.kind() == std::io::ErrorKind::NotFound {
        return MasterKeyError::Missing(path.to_owned());
    }
    let path = path.to_owned();
    MasterKeyError::File { path, source }
}

/// The file's text, if its owner alone can reach it.
fn read_text(path: &Path) -> Result<Zeroizing<String>, MasterKeyError> {
    let failed = |source| file_error(path, source);
    // Looked at before it is opened: opening a pipe that nobody writes to would wait forever.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(std::io::Error::other("not a regular file")));
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            let path = path.to_owned();
            return Err(MasterKeyError::OpenToOthers { path, mode });
        }
    }
    if metadata.len() > FILE_LIMIT {
        return Err(MasterKeyError::Malformed);
    }
    // Room for all of it: a buffer that grew would leave a part of the keys behind.
    let mut text = Zeroizing::new(String::with_capacity(FILE_LIMIT as usize + 1));
    file.take(FILE_LIMIT + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(text)
}

/// Held while the file is changed. The lock is a file beside it, since the file itself is replaced.
fn lock(path: &Path) -> Result<File, MasterKeyError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |source| MasterKeyError::File {
        path: lock_path.clone(),
        source,
    };
    let file = options.open(&lock_path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// A new key's line.
fn new_line() -> Result<Zeroizing<String>, MasterKeyError> {
    let key = random()?;
    let mut line = Zeroizing::new(STANDARD.encode(key.as_slice()));
    line.push('\n');
    Ok(line)
}

/// Puts the text in the file's place as a whole; it is on the disk when this is done.
fn replace(path: &Path, text: &str) -> Result<(), MasterKeyError> {
    let failed = |source| MasterKeyError::File {
        path: path.to_owned(),
        source,
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Its mode is 0600 from the start.
    let mut file = tempfile::Builder::new()
        .prefix(".master-key-")
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    #[cfg(unix)]
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{Field, Place};
    use super::*;

    const PLACE: Place<'static> = Place {
        tenant_id: "site-a",
        field: Field::ApiKey,
        record: "",
    };

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        (folder, path)
    }

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn p07_a_wrapped_key_opens_for_its_tenant_and_as_it_was() {
        let (_folder, path) = folder();
        let keys = LocalMasterKeys::read_or_create(&path).unwrap();
        let key = DataKey::generate().unwrap();
        let sealed = key.seal(PLACE, b"golpo-key-1").unwrap();
        let wrapped = keys.wrap(&key, "site-a").await.unwrap();
        assert_eq!(wrapped.master, keys.current());
        assert!(
            !wrapped
                .bytes
                .windows(KEY_LEN)
                .any(|part| part == key.material())
        );
        let same = keys.unwrap(&wrapped, "site-a").await.unwrap();
        assert_eq!(
            same.open(PLACE, &sealed).unwrap().as_slice(),
            b"golpo-key-1"
        );

        let error = keys.unwrap(&wrapped, "site-b").await.unwrap_err();
        assert!(matches!(error, MasterKeyError::Refused));
        for bit in 0..wrapped.bytes.len() * 8 {
            let mut changed = wrapped.clone();
            changed.bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(keys.unwrap(&changed, "site-a").await.is_err(), "bit {bit}");
        }
        for length in 0..wrapped.bytes.len() {
            let mut cut = wrapped.clone();
            cut.bytes.truncate(length);
            assert!(
                keys.unwrap(&cut, "site-a").await.is_err(),
                "cut at {length}"
            );
        }
    }

    #[tokio::test]
    async fn p19_a_running_program_follows_a_rotation_by_another_one() {
        let (folder, path) = folder();
        let running = LocalMasterKeys::read_or_create(&path).unwrap();
        let operator = LocalMasterKeys::read(&path).unwrap();
        let key = DataKey::generate().unwrap();
        let old = running.wrap(&key, "site-a").await.unwrap();

        let new_id = operator.rotate().unwrap();
        assert_ne!(new_id, old.master);
        let rewrapped = operator.wrap(&key, "site-a").await.unwrap();
        assert_eq!(rewrapped.master, new_id);
        // What the operator wrapped opens, what was wrapped before still does, and nothing new is
        // wrapped by the key that was replaced.
        running.unwrap(&rewrapped, "site-a").await.unwrap();
        running.unwrap(&old, "site-a").await.unwrap();
        assert_eq!(running.wrap(&key, "site-b").await.unwrap().master, new_id);

        let in_use = [new_id.clone(), old.master.clone()];
        let error = operator.retire(&in_use).unwrap_err();
        assert!(matches!(error, MasterKeyError::StillInUse(id) if id == old.master));
        assert_eq!(operator.retire(&[new_id]).unwrap(), 1);
        running.probe().await.unwrap();
        let error = running.unwrap(&old, "site-a").await.unwrap_err();
        assert!(matches!(error, MasterKeyError::Unknown(id) if id == old.master));
        running.unwrap(&rewrapped, "site-a").await.unwrap();
        assert_eq!(names(&folder), ["master.key", "master.key.lock"]);
    }

    #[test]
    fn p19_rotations_at_the_same_time_lose_no_key() {
        let (_folder, path) = folder();
        LocalMasterKeys::read_or_create(&path).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| LocalMasterKeys::read(&path).unwrap().rotate().unwrap());
            }
        });
        let text = std::fs::read_to_string(&path).unwrap();
        let ids: std::collections::BTreeSet<_> = lines(&text)
            .map(|line| Master::from_base64(line).unwrap().id)
            .collect();
        assert_eq!(ids.len(), 9);
    }

    #[test]
    fn p07_programs_that_start_at_the_same_time_make_one_key() {
        let (_folder, path) = folder();
        let made = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| LocalMasterKeys::read_or_create(&path).unwrap().current()))
                .collect();
            let ids = starts.into_iter().map(|start| start.join().unwrap());
            ids.collect::<std::collections::BTreeSet<_>>()
        });
        assert_eq!(made.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn p11_a_key_file_is_its_owners_alone_and_refused_else() {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, path) = folder();
        let keys = LocalMasterKeys::read_or_create(&path).unwrap();
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        keys.rotate().unwrap();
        assert_eq!(mode(), 0o600);
        for open in [0o640, 0o604, 0o644, 0o620, 0o666] {
            std::fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
            let error = LocalMasterKeys::read_or_create(&path).unwrap_err();
            assert!(matches!(error, MasterKeyError::OpenToOthers { mode, .. } if mode == open));
            let text = error.to_string();
            assert!(
                text.contains(&format!("chmod 600 {}", path.display())),
                "{text}"
            );
        }
        for closed in [0o400, 0o600] {
            std::fs::set_permissions(&path, Permissions::from_mode(closed)).unwrap();
            LocalMasterKeys::read(&path).unwrap();
        }
    }

    #[test]
    fn p07_what_is_no_key_file_is_refused_and_left_alone() {
        let (folder, path) = folder();
        let missing = LocalMasterKeys::read(&path).unwrap_err();
        assert!(matches!(missing, MasterKeyError::Missing(_)));
        let directory = LocalMasterKeys::read_or_create(folder.path()).unwrap_err();
        assert!(
            matches!(directory, MasterKeyError::File { .. }),
            "{directory:?}"
        );
        let good = STANDARD.encode([7; KEY_LEN]);
        for text in [
            "",
            "\n",
            "c2hvcnQ=",
            "not base64",
            &format!("{good}\nc2hvcnQ=\n"),
        ] {
            replace(&path, text).unwrap();
            let error = LocalMasterKeys::read_or_create(&path).unwrap_err();
            assert!(matches!(error, MasterKeyError::Malformed), "{text:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[tokio::test]
    async fn p07_keys_of_the_environment_are_parted_by_commas() {
        let keys = [STANDARD.encode([7; KEY_LEN]), STANDARD.encode([8; KEY_LEN])];
        let old = LocalMasterKeys::from_text(&keys[0]).unwrap();
        let both = LocalMasterKeys::from_text(&keys.join(",")).unwrap();
        let wrapped = old
            .wrap(&DataKey::generate().unwrap(), "site-a")
            .await
            .unwrap();
        both.unwrap(&wrapped, "site-a").await.unwrap();
        assert_ne!(both.current(), old.current());
        let error = both.rotate().unwrap_err();
        assert!(matches!(error, MasterKeyError::NotAFile));
        let text = format!("{both:?}");
        assert!(
            !keys.iter().any(|key| text.contains(key.as_str())),
            "{text}"
        );
    }
}
