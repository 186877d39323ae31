//! Where the project's folders are. It must never make one: whoever writes makes it.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// The checkout this program was started in.
pub struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// Finds the checkout by this crate's manifest; cargo sets its path when it starts the program.
    pub fn find() -> Outcome<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest.as_deref().and_then(|path| path.ancestors().nth(2));
        let root = root.filter(|root| root.join("manifest.yml").is_file());
        let Some(root) = root else {
            return Err(Failure::new(
                "the project's folder was not found",
                "Start this program as `cargo xtask …` inside the checkout.",
            ));
        };
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .filter(|value| !value.is_empty())
            .map_or_else(|| root.join("target"), |path| root.join(path));
        Ok(Self {
            root: root.to_owned(),
            target,
        })
    }

    /// A checkout that is known, for tests.
    #[cfg(test)]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            target: root.join("target"),
        }
    }

    /// The checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// Cargo's target folder: `CARGO_TARGET_DIR`, else `target` in the checkout.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// What set-up and build remember between runs.
    pub fn memory(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// The backend's binary of the development build.
    pub fn backend(&self) -> PathBuf {
        let name = format!("golpo-backend{}", std::env::consts::EXE_SUFFIX);
        self.target.join("debug").join(name)
    }

    /// The JavaScript that loads the app's wasm, which lies beside it as Forge gets it, in Node.
    pub fn wasm_glue(&self) -> PathBuf {
        self.memory("wasm").join("golpo.cjs")
    }

    /// The reviewers' example of `content`, of the development build.
    pub fn preview(&self) -> PathBuf {
        let name = format!("preview{}", std::env::consts::EXE_SUFFIX);
        self.target.join("debug").join("examples").join(name)
    }

    /// A program that an npm package brings, by the name it is called.
    pub fn npm_program(&self, name: &str) -> PathBuf {
        let file = if cfg!(windows) {
            format!("{name}.cmd")
        } else {
            name.to_owned()
        };
        self.root.join("node_modules").join(".bin").join(file)
    }
}

/// A program of Node's own, `node` or `npm`, under the name that starts it on this system.
pub fn node_program(name: &str) -> String {
    if cfg!(windows) && name != "node" {
        format!("{name}.cmd")
    } else {
        name.to_owned()
    }
}
