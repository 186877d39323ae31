//! Builders of small files: a Word document of its body's XML, a PDF of its objects.

use std::fmt::Write;

use attachments::{AttachmentError, extract};
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// The text of a file of a name.
pub fn text(name: &str, bytes: &[u8]) -> Result<String, AttachmentError> {
    extract(name, "", bytes).map(attachments::Text::into_string)
}

/// A zip archive (APPNOTE 6.3) of names and contents, packed with DEFLATE.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let packed: Vec<_> = files
        .iter()
        .map(|(name, data)| (*name, compress_to_vec(data, 9), data.len()))
        .collect();
    zip_of_packed(&packed)
}

/// The same of contents that are packed already, with the length that they claim.
pub fn zip_of_packed(files: &[(&str, Vec<u8>, usize)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, data, length) in files {
        let offset = archive.len() as u32;
        let mut common = Vec::new();
        // Version, flags, DEFLATE, time, date, checksum (not looked at), sizes, lengths.
        for half in [20_u16, 0, 8, 0, 0] {
            common.extend(half.to_le_bytes());
        }
        for whole in [0, data.len() as u32, *length as u32] {
            common.extend(whole.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(data);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = archive.len() as u32;
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend((files.len() as u16).to_le_bytes());
    archive.extend((files.len() as u16).to_le_bytes());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

/// A Word document of its body's XML.
pub fn docx(body: &str) -> Vec<u8> {
    let document = format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#
    );
    // Style ids as a German Word writes them; the names behind them are English.
    let styles = r#"<w:styles xmlns:w="w">
        <w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
        <w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
        <w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift2"/></w:style>
        <w:style w:type="paragraph" w:styleId="Punkt"><w:name w:val="List Bullet 2"/></w:style>
    </w:styles>"#;
    zip(&[
        ("word/document.xml", document.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
        // Who wrote what: parts that must never be opened.
        (
            "docProps/core.xml",
            b"<cp:coreProperties><dc:creator>Ines Verborgen</dc:creator></cp:coreProperties>",
        ),
        (
            "word/comments.xml",
            b"<w:comments><w:comment w:author=\"Ines Verborgen\"><w:p><w:r><w:t>Too long!</w:t></w:r></w:p></w:comment></w:comments>",
        ),
    ])
}

/// A PDF of objects, numbered from 1 on: dictionaries and streams as they stand in the file. The
/// first is the catalogue.
pub fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        writeln!(table, "{offset:010} 00000 n ").unwrap();
    }
    file.extend(table.bytes());
    let trailer = format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    file.extend(trailer.bytes());
    file
}

/// A stream object, packed with zlib.
pub fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    stream_of_packed(
        &format!("{dictionary} /Filter /FlateDecode"),
        &compress_to_vec_zlib(data, 9),
    )
}

/// A stream object of data as it stands.
pub fn stream_of_packed(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {dictionary} /Length {} >>\nstream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

/// A PDF of pages' contents, each with the fonts F1 (Windows encoding), F2 (another encoding with
/// names) and F3 (composite, with a map to Unicode).
pub fn pdf(pages: &[&str]) -> Vec<u8> {
    let first = 9;
    let kids: String = (0..pages.len())
        .map(|index| format!("{} 0 R ", first + 2 * index))
        .collect();
    let plain = |text: &str| text.as_bytes().to_vec();
    let map = "/CIDInit /ProcSet findresource begin begincmap\n\
        1 begincodespacerange <0000> <ffff> endcodespacerange\n\
        2 beginbfrange <0001> <001a> <0061> <0021> <003a> <0041> endbfrange\n\
        2 beginbfchar <0040> <0020> <0041> <d83ddd52> endbfchar\n\
        endcmap end";
    let mut objects = vec![
        plain("<< /Type /Catalog /Pages 2 0 R >>"),
        plain(&format!(
            "<< /Type /Pages /Count {} /Kids [{kids}] >>",
            pages.len()
        )),
        plain("<< /Font << /F1 4 0 R /F2 5 0 R /F3 6 0 R >> /XObject << /X 8 0 R >> >>"),
        plain("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"),
        plain(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Body /Encoding << /Differences [1 /W /e /space /f_f_i /c /adieresis /uni20AC] >> /FirstChar 1 /Widths [900 500 250 800 500 500 500] >>",
        ),
        plain(
            "<< /Type /Font /Subtype /Type0 /BaseFont /Deep /Encoding /Identity-H /ToUnicode 7 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /DW 600 /W [64 [300] 1 26 600] >>] >>",
        ),
        stream("", map.as_bytes()),
        stream(
            "/Type /XObject /Subtype /Form /Matrix [1 0 0 1 0 -200]",
            b"BT /F1 12 Tf 72 700 Td (Told by a form.) Tj ET",
        ),
    ];
    for (index, content) in pages.iter().enumerate() {
        objects.push(plain(&format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources 3 0 R /Contents {} 0 R >>",
            first + 2 * index + 1
        )));
        objects.push(stream("", content.as_bytes()));
    }
    pdf_of(&objects)
}
