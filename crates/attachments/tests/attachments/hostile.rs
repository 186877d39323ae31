//! Files that are broken or meant to harm: no panic, no long wait, no memory beyond the limits.

use std::time::{Duration, Instant};

use attachments::AttachmentError;
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use proptest::prelude::*;

use crate::support::{docx, pdf, pdf_of, stream, stream_of_packed, text, zip_of_packed};

/// Generous, for a slow machine and a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(20);

fn soon(name: &str, bytes: &[u8]) -> Result<String, AttachmentError> {
    let started = Instant::now();
    let result = text(name, bytes);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    result
}

fn sample(kind: u8) -> (&'static str, Vec<u8>) {
    match kind {
        0 => (
            "a.docx",
            docx(
                r#"<w:tbl><w:tr><w:tc><w:p><w:pPr><w:pStyle w:val="Kapitel"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:r><w:t>After</w:t></w:r></w:p>"#,
            ),
        ),
        1 => (
            "a.pdf",
            pdf(&[
                "BT /F1 12 Tf 72 700 Td (Some text) Tj /F3 9 Tf 0 -20 Td <0001002200400003> Tj ET /X Do",
            ]),
        ),
        _ => ("a.txt", "Grüße\nand 🦉".as_bytes().to_vec()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn files_that_are_cut_or_changed_are_refused_or_told(
        kind in 0_u8..3,
        cut in 0.0..1.0_f64,
        changes in proptest::collection::vec((0.0..1.0_f64, any::<u8>()), 0..12),
    ) {
        let (name, mut bytes) = sample(kind);
        for (place, byte) in changes {
            let place = (place * bytes.len() as f64) as usize;
            bytes[place] = byte;
        }
        if cut < 0.5 {
            bytes.truncate((cut * 2.0 * bytes.len() as f64) as usize);
        }
        if let Ok(text) = text(name, &bytes) {
            prop_assert!(!text.trim().is_empty());
        }
    }

    #[test]
    fn the_parts_of_a_document_that_are_changed_are_refused_or_told(
        changes in proptest::collection::vec((0.0..1.0_f64, "[<>&/w:a-z\" ]{0,6}"), 1..6),
    ) {
        // Changed before it is packed, so that the change reaches the XML.
        let mut body = String::from(
            r#"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:sdt><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>After</w:t></w:r></w:p></w:sdtContent></w:sdt>"#,
        );
        for (place, text) in changes {
            body.insert_str((place * body.len() as f64) as usize, &text);
        }
        let _ = text("a.docx", &docx(&body));
    }

    #[test]
    fn operators_in_any_order_are_refused_or_told(
        operators in proptest::collection::vec(
            prop_oneof![
                Just("q "), Just("Q "), Just("BT "), Just("ET "), Just("/F1 12 Tf "), Just("/F2 -3 Tf "),
                Just("/F3 1e38 Tf "), Just("(text) Tj "), Just("[(a) -9e37 (b)] TJ "), Just("<0001> ' "),
                Just("1 2 (x) \" "), Just("0 -14 Td "), Just("1e38 1e38 TD "), Just("T* "),
                Just("0 0 0 0 0 0 Tm "), Just("/X Do "), Just("/Artifact BMC "), Just("EMC "),
                Just("2 0 0 2 1e38 0 cm "), Just("0 Tz "), Just("<< "), Just(">> "), Just("[ "), Just("( "),
            ],
            0..60,
        ),
    ) {
        let _ = text("a.pdf", &pdf(&[&operators.concat()]));
    }
}

#[test]
fn what_is_packed_small_and_unpacks_huge_is_too_large() {
    let zeros = vec![b' '; 80 * 1024 * 1024];
    let xml = compress_to_vec(&zeros, 6);
    // The archive claims that the part is tiny.
    let document = zip_of_packed(&[("word/document.xml", xml, 10)]);
    assert!(document.len() < 200_000);
    assert_eq!(soon("a.docx", &document), Err(AttachmentError::TooLarge));

    let page = |content: Vec<u8>| {
        pdf_of(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec(),
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec(),
            content,
        ])
    };
    let packed = compress_to_vec_zlib(&zeros, 6);
    let flat = stream_of_packed("/Filter /FlateDecode", &packed);
    assert_eq!(soon("a.pdf", &page(flat)), Err(AttachmentError::TooLarge));
    let twice = compress_to_vec_zlib(&packed, 6);
    let chain = stream_of_packed("/Filter [/FlateDecode /FlateDecode]", &twice);
    assert_eq!(soon("a.pdf", &page(chain)), Err(AttachmentError::TooLarge));
    let objects = stream_of_packed("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &packed);
    assert_eq!(
        soon("a.pdf", &page(objects)),
        Err(AttachmentError::TooLarge)
    );
    // A picture is never unpacked, however large.
    let picture = stream_of_packed(
        "/Type /XObject /Subtype /Image /Width 9000 /Height 9000 /Filter /FlateDecode",
        &packed,
    );
    let mut objects = vec![b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()];
    objects.push(b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec());
    objects.push(
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>"
            .to_vec(),
    );
    objects.push(stream("", b"/I Do"));
    objects.push(picture);
    assert_eq!(
        soon("a.pdf", &pdf_of(&objects)),
        Err(AttachmentError::WithoutText)
    );
}

#[test]
fn what_repeats_itself_ends() {
    // A form that shows itself, and a page tree that holds itself.
    let file = pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Count 9 /Kids [2 0 R 3 0 R 3 0 R] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources 6 0 R >>".to_vec(),
        stream("", b"/X Do /X Do"),
        stream(
            "/Type /XObject /Subtype /Form /Resources 6 0 R",
            b"/X Do /X Do BT /F 9 Tf (again) Tj ET",
        ),
        b"<< /XObject << /X 5 0 R >> /Font << /F << /Subtype /Type1 >> >> >>".to_vec(),
    ]);
    let _ = soon("a.pdf", &file);
    // Forms that show forms many times: two to the power of the depth, and more.
    let wide = "/X Do ".repeat(2_000);
    let file = pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources 4 0 R >>".to_vec(),
        b"<< /XObject << /X 5 0 R >> >>".to_vec(),
        stream("/Type /XObject /Subtype /Form", wide.as_bytes()),
    ]);
    assert_eq!(soon("a.pdf", &file), Err(AttachmentError::TooLarge));
}

#[test]
fn nesting_costs_its_length() {
    let deep = format!(
        "{}x{}",
        "<w:tbl><w:tr><w:tc>".repeat(100_000),
        "</w:tc></w:tr></w:tbl>".repeat(100_000)
    );
    assert_eq!(
        soon("a.docx", &docx(&deep)),
        Err(AttachmentError::WithoutText)
    );
    let boxes = format!(
        "{}<w:r><w:t>x</w:t></w:r>{}",
        "<w:p><w:r>".repeat(100_000),
        "</w:r></w:p>".repeat(100_000)
    );
    assert_eq!(soon("a.docx", &docx(&boxes)).unwrap(), "x");
    let brackets = format!("BT /F1 9 Tf {} (x) Tj ET", "[".repeat(200_000));
    let _ = soon("a.pdf", &pdf(&[&brackets]));
    let dictionaries = format!("<< /Type /Catalog /Pages {} >>", "<< /A ".repeat(200_000));
    assert_eq!(
        soon("a.pdf", &pdf_of(&[dictionaries.clone().into_bytes()])),
        Err(AttachmentError::Broken)
    );
    let packed = stream("/Type /ObjStm /N 1 /First 4", dictionaries.as_bytes());
    assert_eq!(
        soon("a.pdf", &pdf_of(&[packed])),
        Err(AttachmentError::Broken)
    );
}

#[test]
fn many_small_things_cost_their_number() {
    let _ = soon(
        "a.pdf",
        &[
            b"%PDF-1.7\n".as_slice(),
            &b"1 0 obj stream\n".repeat(300_000),
        ]
        .concat(),
    );
    let empty_blocks = [
        b"%PDF-1.7\n".as_slice(),
        &b"stream\n\x78\x01\x00\x00\x00\xff\xff".repeat(300_000),
    ]
    .concat();
    let _ = soon("a.pdf", &empty_blocks);
    let attributes: String = (0..100_000).map(|index| format!(" a{index}='1'")).collect();
    let _ = soon(
        "a.docx",
        &docx(&format!(
            "<w:p><w:pPr><w:pStyle{attributes}/></w:pPr></w:p>"
        )),
    );
    // A wide row makes all rows wide: more text than one file gives.
    let cell = "<w:tc><w:p/></w:tc>";
    let wide = format!("<w:tr>{}</w:tr>", cell.repeat(20_000));
    let rows = "<w:tr><w:tc><w:p><w:r><w:t>v</w:t></w:r></w:p></w:tc></w:tr>".repeat(20_000);
    let table = wide.replacen("<w:p/>", "<w:p><w:r><w:t>n</w:t></w:r></w:p>", 1);
    let _ = soon("a.docx", &docx(&format!("<w:tbl>{table}{rows}</w:tbl>")));
}

#[test]
fn entities_of_a_files_own_are_refused() {
    let bomb = "<!DOCTYPE w [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><w:document><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>";
    let file = crate::support::zip(&[("word/document.xml", bomb.as_bytes())]);
    assert_eq!(text("a.docx", &file), Err(AttachmentError::Broken));
}
