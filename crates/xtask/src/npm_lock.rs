//! What the app ships of npm, from package-lock.json: whatever the Custom UI and the shim are bundled
//! from. It must never take in what only builds or tests them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::failure::{Failure, Outcome, at};
use crate::npm::hex;
use crate::project::Project;

/// The workspaces whose dependencies are bundled.
const SHIPPED: &[&str] = &["static", "src-js-shim"];

/// CycloneDX components and what each needs.
pub fn components(project: &Project) -> Outcome<Value> {
    let path = project.path("package-lock.json");
    let text = std::fs::read_to_string(&path).map_err(at("read", &path))?;
    let lock: Value = serde_json::from_str(&text).map_err(at("read", &path))?;
    match lock["packages"].as_object() {
        Some(packages) => Ok(of(packages)),
        None => Err(Failure::new(
            "package-lock.json holds no packages",
            "Make it anew with `npm install`.",
        )),
    }
}

fn of(packages: &Map<String, Value>) -> Value {
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut todo: Vec<&str> = SHIPPED.to_vec();
    while let Some(place) = todo.pop() {
        if needs.contains_key(place) {
            continue;
        }
        let found: Vec<&str> = wanted(&packages[place])
            .filter_map(|name| resolve(packages, place, name))
            .collect();
        todo.extend(&found);
        needs.insert(place, found);
    }
    // One version may be installed at two places.
    let (mut components, mut dependencies) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<_>>::new());
    for (place, needed) in needs.iter().filter(|(place, _)| !SHIPPED.contains(place)) {
        let purl = purl(packages, place);
        let references = needed.iter().map(|place| self::purl(packages, place));
        dependencies
            .entry(purl.clone())
            .or_default()
            .extend(references);
        components.insert(purl, component(packages, place));
    }
    let components: Vec<Value> = components.into_values().collect();
    let dependencies: Vec<Value> = dependencies
        .into_iter()
        .map(|(purl, on)| json!({ "ref": purl, "dependsOn": on }))
        .collect();
    json!({ "components": components, "dependencies": dependencies })
}

/// The names that a package needs at run time; of peers and optional ones those that are there.
fn wanted(package: &Value) -> impl Iterator<Item = &str> {
    ["dependencies", "optionalDependencies", "peerDependencies"]
        .into_iter()
        .filter_map(|kind| package[kind].as_object())
        .flat_map(|names| names.keys().map(String::as_str))
}

/// Where Node finds a package by its name: in the nearest `node_modules` upwards.
fn resolve<'a>(packages: &'a Map<String, Value>, from: &str, name: &str) -> Option<&'a str> {
    let mut folder = Some(from);
    loop {
        let candidate = match folder {
            Some(folder) => format!("{folder}/node_modules/{name}"),
            None => format!("node_modules/{name}"),
        };
        if let Some((place, package)) = packages.get_key_value(&candidate) {
            // A link is a workspace of our own.
            return (package["link"] != true).then_some(place);
        }
        folder = match folder {
            Some(folder) => folder.rfind("/node_modules/").map(|end| &folder[..end]),
            None => return None,
        };
    }
}

fn name(place: &str) -> &str {
    place.rsplit("node_modules/").next().unwrap_or(place)
}

/// The package's address (https://github.com/package-url/purl-spec).
fn purl(packages: &Map<String, Value>, place: &str) -> String {
    let version = packages[place]["version"].as_str().unwrap_or_default();
    format!("pkg:npm/{}@{version}", name(place).replace('@', "%40"))
}

fn component(packages: &Map<String, Value>, place: &str) -> Value {
    let package = &packages[place];
    let purl = purl(packages, place);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": name(place),
        "version": package["version"],
        "purl": purl,
    });
    if let Some(licence) = package["license"].as_str() {
        // What is no SPDX expression ("SEE LICENSE IN …") is a licence's name.
        let words = licence.contains("LICEN") || licence.contains("UNLICENSED");
        component["licenses"] = if words {
            json!([{ "license": { "name": licence } }])
        } else {
            json!([{ "expression": licence }])
        };
    }
    let digest = package["integrity"]
        .as_str()
        .and_then(|text| STANDARD.decode(text.strip_prefix("sha512-")?).ok());
    if let Some(digest) = digest {
        component["hashes"] = json!([{ "alg": "SHA-512", "content": hex(&digest) }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p15_what_only_builds_is_left_out_and_the_nearest_version_is_taken() {
        let lock = json!({
            "static": { "dependencies": { "heron": "1.0.0" }, "devDependencies": { "pond": "1.0.0" } },
            "src-js-shim": { "dependencies": { "@lake/reed": "2.0.0" } },
            "node_modules/heron": { "version": "1.0.0", "license": "MIT", "dependencies": { "reed": "1.0.0" } },
            "node_modules/heron/node_modules/reed": { "version": "1.0.0", "integrity": "sha512-AAAA" },
            "node_modules/reed": { "version": "2.0.0" },
            "node_modules/@lake/reed": { "version": "2.0.0", "license": "SEE LICENSE IN LICENSE.txt" },
            "node_modules/pond": { "version": "1.0.0", "dev": true },
        });
        let found = of(lock.as_object().expect("an object"));
        let purls: Vec<&str> = found["components"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|component| component["purl"].as_str())
            .collect();
        assert_eq!(
            purls,
            [
                "pkg:npm/%40lake/reed@2.0.0",
                "pkg:npm/heron@1.0.0",
                "pkg:npm/reed@1.0.0"
            ]
        );
        assert_eq!(found["components"][2]["hashes"][0]["content"], "000000");
        assert_eq!(
            found["dependencies"][1]["dependsOn"][0],
            "pkg:npm/reed@1.0.0"
        );
    }
}
