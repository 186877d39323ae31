//! Writes the documents of the bench: `documents FOLDER`.

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or(std::io::ErrorKind::InvalidInput)?;
    content_bench::documents::write(folder.as_ref())
}
