//! What each program consists of, as CycloneDX 1.5: from `cargo metadata` and Cargo.lock, and for the app
//! also from package-lock.json (`npm sbom` refuses a lock file with a peer it does not like). Only what is shipped; what builds and tests it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::failure::{Failure, Outcome, at};
use crate::findings::Package;
use crate::npm::hex;
use crate::project::Project;
use crate::wasm_toolchain::cargo;

/// The crates whose code is the app, and the backend.
const APP: &[&str] = &["app-wasm", "attachments-wasm"];
const BACKEND: &[&str] = &["backend"];

/// The ids of the crates in each program.
pub struct Shipped {
    app: BTreeSet<(String, String)>,
    backend: BTreeSet<(String, String)>,
}

impl Shipped {
    pub fn of(metadata: &Value) -> Self {
        let named = |roots| {
            reachable(metadata, roots)
                .iter()
                .map(|package| (text(package, "name"), text(package, "version")))
                .collect()
        };
        Self {
            app: named(APP),
            backend: named(BACKEND),
        }
    }

    pub fn app(&self, package: Package<'_>) -> bool {
        self.app
            .contains(&(package.name.into(), package.version.into()))
    }

    pub fn backend(&self, package: Package<'_>) -> bool {
        self.backend
            .contains(&(package.name.into(), package.version.into()))
    }
}

/// What cargo says of all packages and how they need one another.
pub fn cargo_metadata(project: &Project) -> Outcome<Value> {
    let mut command = Command::new(cargo());
    command
        .current_dir(project.root())
        .args(["metadata", "--format-version", "1", "--locked"]);
    answer(command, "cargo metadata")
}

fn answer(mut command: Command, name: &str) -> Outcome<Value> {
    let advice = format!("Run `{name}` by hand to see more.");
    let output = command
        .output()
        .map_err(|error| Failure::new(format!("{name} did not start: {error}"), &advice))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines: Vec<&str> = said.lines().collect();
        return Err(Failure::new(format!("{name} failed"), advice).with_output(&lines));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::new(format!("{name} printed no JSON: {error}"), advice))
}

/// Writes the SBOM of each program into a folder.
pub fn write(metadata: &Value, project: &Project, folder: &Path) -> Outcome<Vec<PathBuf>> {
    let lock = project.path("Cargo.lock");
    let lock = std::fs::read_to_string(&lock).map_err(at("read", &lock))?;
    let checksums = checksums(&lock);
    let mut app = of("golpo-app", APP, metadata, &checksums);
    join(&mut app, &crate::npm_lock::components(project)?);
    let backend = of("golpo-backend", BACKEND, metadata, &checksums);
    let mut written = Vec::new();
    for (name, bom) in [("app", app), ("backend", backend)] {
        let path = folder.join(format!("{name}.cdx.json"));
        let text = serde_json::to_string_pretty(&bom).unwrap_or_default();
        std::fs::write(&path, text).map_err(at("write", &path))?;
        written.push(path);
    }
    Ok(written)
}

/// The SHA-256 of each crate in Cargo.lock, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find(|line| line.starts_with(key))?;
        line.split('"').nth(1).map(str::to_owned)
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            let key = (value(block, "name = ")?, value(block, "version = ")?);
            Some((key, value(block, "checksum = ")?))
        })
        .collect()
}

/// The packages that are reached from these by what is compiled in: neither tests' nor build scripts'.
fn reachable<'a>(metadata: &'a Value, roots: &[&str]) -> Vec<&'a Value> {
    let packages: BTreeMap<&str, &Value> = list(&metadata["packages"])
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"]["nodes"])
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let mut todo: Vec<&str> = packages
        .iter()
        .filter(|(_, package)| {
            package["source"].is_null() && roots.contains(&text(package, "name").as_str())
        })
        .map(|(id, _)| *id)
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if seen.insert(id) {
            todo.extend(nodes.get(id).into_iter().flat_map(|node| needs(node)));
        }
    }
    seen.iter()
        .filter_map(|id| packages.get(id).copied())
        .collect()
}

/// What is compiled into a package: normal dependencies.
fn needs(node: &Value) -> impl Iterator<Item = &str> {
    list(&node["deps"])
        .filter(|dependency| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()))
        .filter_map(|dependency| dependency["pkg"].as_str())
}

fn of(
    name: &str,
    roots: &[&str],
    metadata: &Value,
    checksums: &BTreeMap<(String, String), String>,
) -> Value {
    let packages = reachable(metadata, roots);
    let reference = |package: &Value| {
        format!(
            "pkg:cargo/{}@{}",
            text(package, "name"),
            text(package, "version")
        )
    };
    let references: BTreeMap<&str, String> = packages
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, reference(package))))
        .collect();
    let version = packages
        .iter()
        .find(|package| roots.contains(&text(package, "name").as_str()))
        .map(|package| text(package, "version"))
        .unwrap_or_default();
    let components: Vec<Value> = packages
        .iter()
        .map(|package| {
            let key = (text(package, "name"), text(package, "version"));
            let mut component = json!({
                "type": "library",
                "bom-ref": reference(package),
                "name": key.0,
                "version": key.1,
                "purl": reference(package),
            });
            if let Some(licence) = package["license"].as_str() {
                // `MIT/Apache-2.0` is how it was written before SPDX's expressions.
                component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
            }
            if let Some(checksum) = checksums.get(&key) {
                component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
            }
            component
        })
        .collect();
    let dependencies: Vec<Value> = list(&metadata["resolve"]["nodes"])
        .filter_map(|node| {
            let from = references.get(node["id"].as_str()?)?;
            let to: BTreeSet<&String> = needs(node).filter_map(|id| references.get(id)).collect();
            Some(json!({ "ref": from, "dependsOn": to }))
        })
        .collect();
    let digest = Sha256::digest(serde_json::to_vec(&components).unwrap_or_default());
    let digits = hex(&digest);
    let now = OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        // The same parts have the same number; version 8 (RFC 9562) is for such.
        "serialNumber": format!(
            "urn:uuid:{}-{}-8{}-a{}-{}",
            &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..32]
        ),
        "version": 1,
        "metadata": {
            "timestamp": now,
            "component": { "type": "application", "bom-ref": name, "name": name, "version": version },
        },
        "components": components,
        "dependencies": dependencies,
    })
}

/// Adds the components of another SBOM and what they need.
fn join(bom: &mut Value, other: &Value) {
    for part in ["components", "dependencies"] {
        let key = if part == "components" {
            "bom-ref"
        } else {
            "ref"
        };
        let mut seen: BTreeSet<String> = list(&bom[part]).map(|row| text(row, key)).collect();
        let new: Vec<Value> = list(&other[part])
            .filter(|row| seen.insert(text(row, key)))
            .cloned()
            .collect();
        if let Some(rows) = bom[part].as_array_mut() {
            rows.extend(new);
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use cyclonedx_bom::prelude::{Bom, Validate as _};

    use super::*;

    /// Of this very repository, against CycloneDX's own rules as the `cyclonedx-bom` crate has them.
    #[test]
    fn p15_the_sboms_are_valid_cyclonedx_and_hold_what_is_shipped() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let project = Project::at(&root);
        let folder = tempfile::tempdir().expect("a folder");
        let metadata = cargo_metadata(&project).expect("metadata");
        let written = write(&metadata, &project, folder.path()).expect("written");
        for (path, holds, holds_not) in [
            (&written[0], ["content", "wasm-bindgen", "react"], "sqlx"),
            (&written[1], ["backend", "sqlx", "fit"], "react"),
        ] {
            let bytes = std::fs::read(path).expect("read");
            let bom = Bom::parse_from_json_v1_5(bytes.as_slice()).expect("CycloneDX 1.5");
            let checked = bom.validate();
            assert!(
                checked.passed(),
                "{}: {:?}",
                path.display(),
                checked.errors().collect::<Vec<_>>()
            );
            let names: BTreeSet<String> = bom
                .components
                .map(|components| components.0)
                .unwrap_or_default()
                .iter()
                .map(|component| component.name.to_string())
                .collect();
            for name in holds {
                assert!(names.contains(name), "{name} is not in {}", path.display());
            }
            // Neither the other program's nor what only tests need.
            for name in [holds_not, "proptest", "xtask", "vitest"] {
                assert!(!names.contains(name), "{name} is in {}", path.display());
            }
        }
    }

    #[test]
    fn p15_a_shipped_crate_is_told_from_one_that_only_builds() {
        let package =
            |name: &str| json!({ "id": name, "name": name, "version": "1.0.0", "source": null });
        let metadata = json!({
            "packages": [package("backend"), package("heron"), package("cc")],
            "resolve": { "nodes": [
                { "id": "backend", "deps": [
                    { "pkg": "heron", "dep_kinds": [{ "kind": null }] },
                    { "pkg": "cc", "dep_kinds": [{ "kind": "build" }] },
                ] },
                { "id": "heron", "deps": [] },
                { "id": "cc", "deps": [] },
            ] },
        });
        let shipped = Shipped::of(&metadata);
        let one = |name| Package {
            name,
            version: "1.0.0",
        };
        assert!(shipped.backend(one("heron")) && !shipped.app(one("heron")));
        assert!(!shipped.backend(one("cc")));
    }
}
