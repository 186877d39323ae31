//! A real PostgreSQL for the tests: one server a test program, in a directory of its own, on a Unix
//! socket only; one database a test. It ends with the program, however that ends.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use backend::store;

/// What a missing server means, and what to do.
const MISSING: &str = "PostgreSQL 15 or newer is needed: run `cargo xtask setup`, or \
                       `apt-get install postgresql`";

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    sockets: PathBuf,
}

/// A database of one test, migrated, with the service's role beside the owner's.
pub struct Database {
    name: String,
}

impl Database {
    /// A new database, migrated by its owner.
    pub async fn start() -> Self {
        let database = Self::empty();
        store::migrate(&database.owner_url()).await.unwrap();
        database.admin("GRANT golpo_service TO service");
        database
    }

    /// A new database with nothing in it.
    pub fn empty() -> Self {
        let number = DATABASES.fetch_add(1, Ordering::SeqCst);
        let name = format!("test_{number}");
        SERVER.psql("postgres", &format!("CREATE DATABASE {name} OWNER owner"));
        Self { name }
    }

    fn url(&self, role: &str) -> String {
        let sockets = SERVER.sockets.display().to_string();
        format!("postgres://{role}@localhost/{}?host={sockets}", self.name)
    }

    /// As the role that owns the tables.
    pub fn owner_url(&self) -> String {
        self.url("owner")
    }

    /// As the role that the service has.
    pub fn service_url(&self) -> String {
        self.url("service")
    }

    /// As the superuser.
    pub fn superuser_url(&self) -> String {
        self.url("postgres")
    }

    /// Every row of every table, as text; bytes as what they are.
    pub fn dump(&self) -> Vec<u8> {
        let tables = self.admin("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
        let rows = |table: &str| self.admin(&format!("SET bytea_output = 'escape'; TABLE {table}"));
        tables.lines().map(rows).collect::<String>().into_bytes()
    }

    /// Runs SQL as the superuser, whom no policy binds, and gives what it prints.
    pub fn admin(&self, sql: &str) -> String {
        SERVER.psql(&self.name, sql)
    }
}

/// Ends the server as a crash does, and waits until it is back.
pub fn restart() {
    let sockets = &SERVER.sockets;
    std::fs::write(sockets.join("restart"), "").unwrap();
    let pid = std::fs::read_to_string(sockets.join("data/postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap();
    let killed = Command::new("kill").args(["-QUIT", pid]).status();
    assert!(killed.unwrap().success());
    let patience = Instant::now();
    while sockets.join("restart").exists() || !SERVER.answers() {
        assert!(
            patience.elapsed() < Duration::from_secs(60),
            "it stays away"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Server {
    fn start() -> Self {
        let programs = programs();
        // Short: a socket's path has at most 107 bytes. Kept: the server is its user until the end.
        let directory = tempfile::Builder::new()
            .prefix("golpo-pg-")
            .tempdir_in("/tmp")
            .unwrap()
            .keep();
        let as_root = own(&directory);
        let data = directory.join("data");
        let initdb = run_as(as_root, &programs.join("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--no-sync"])
            .current_dir(&directory)
            .output()
            .expect(MISSING);
        assert!(initdb.status.success(), "{initdb:?}");
        let (ready, started) = std::sync::mpsc::channel();
        let postgres = programs.join("postgres");
        let place = directory.clone();
        // Ends the server when it is told to end, and takes the directory along. One that ends while
        // there is a file `restart` is started again.
        let script = r#"trap 'kill -INT $server' INT
            while "$@" & server=$!; wait $server; wait $server; [ -e restart ]; do rm restart; done
            rm -rf "$PWD""#;
        // The server is told to end when the thread that started it ends, so it gets one of its own.
        std::thread::spawn(move || {
            let mut server = run_as(as_root, Path::new("/bin/sh"))
                .args(["-c", script, "sh"])
                .arg(&postgres)
                .arg("-D")
                .arg(&data)
                .arg("-k")
                .arg(&place)
                .args(["-c", "listen_addresses=", "-c", "max_connections=400"])
                // What a crash of the machine would cost is nothing here.
                .args(["-c", "fsync=off", "-c", "shared_buffers=32MB"])
                .current_dir(&place)
                .stdout(Stdio::null())
                .stderr(std::fs::File::create(place.join("log")).unwrap())
                .spawn()
                .expect(MISSING);
            ready.send(()).unwrap();
            server.wait().unwrap();
        });
        started.recv().unwrap();
        let server = Self { sockets: directory };
        let patience = Instant::now();
        while !server.sockets.join(".s.PGSQL.5432").exists() || !server.answers() {
            assert!(
                patience.elapsed() < Duration::from_secs(60),
                "PostgreSQL does not answer: {}",
                std::fs::read_to_string(server.sockets.join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        server.psql(
            "postgres",
            "CREATE ROLE owner LOGIN CREATEROLE; CREATE ROLE service LOGIN;",
        );
        server
    }

    fn answers(&self) -> bool {
        let status = self.client("postgres").args(["-c", "SELECT 1"]).output();
        status.is_ok_and(|output| output.status.success())
    }

    fn client(&self, database: &str) -> Command {
        let mut command = Command::new(programs().join("psql"));
        command
            .arg("-h")
            .arg(&self.sockets)
            .args(["-U", "postgres", "-d", database])
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
        command
    }

    fn psql(&self, database: &str, sql: &str) -> String {
        let mut child = self
            .client(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect(MISSING);
        child
            .stdin
            .take()
            .unwrap()
            .write_all(sql.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{sql}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Where the server's programs are: Debian keeps them out of the path, by version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let newest = versions
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path(),
            ))
        })
        .filter(|(version, path)| *version >= 15 && path.join("bin/initdb").exists())
        .max();
    match newest {
        Some((_, path)) => path.join("bin"),
        None => std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
            .find(|path| path.join("initdb").exists())
            .expect(MISSING),
    }
}

/// PostgreSQL refuses to run as root; then the directory is given to its own user.
fn own(directory: &Path) -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    let as_root = id.stdout == b"0\n";
    if as_root {
        let status = Command::new("chown")
            .arg("postgres")
            .arg(directory)
            .status();
        assert!(status.unwrap().success(), "{MISSING}");
    }
    as_root
}

fn run_as(as_root: bool, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if as_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg("--pdeathsig=INT").arg("--").arg(program);
    command
}
