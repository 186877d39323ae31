//! What of a PDF is told.

use attachments::AttachmentError;

use crate::support::{pdf, pdf_of, stream, text};

fn told(content: &str) -> String {
    text("plan.pdf", &pdf(&[content])).unwrap()
}

#[test]
fn places_make_words_lines_and_paragraphs() {
    let content = "BT /F1 18 Tf 72 760 Td (The plan) Tj ET
        BT /F1 12 Tf 14 TL 72 720 Td (A line that is long enough to go on in the next one,) Tj T*
        (which it does here, and the word hyphen-) Tj 0 -14 Td (ated is one.) Tj
        0 -40 Td (Steps:) Tj 0 -14 Td (\\225 first) Tj 0 -14 Td (\\225 second) Tj
        0 -40 Td [(K) 80 (erned) -600 (and) -300 (parted)] TJ ET";
    assert_eq!(
        told(content),
        "## The plan\n\nA line that is long enough to go on in the next one, which it does here, and the word hyphenated is one.\n\nSteps:\n- first\n- second\n\nKerned and parted"
    );
}

#[test]
fn codes_become_characters_by_encoding_names_and_maps() {
    assert_eq!(
        told("BT /F1 12 Tf 72 700 Td (Gr\\374\\337e \\200 5 \\(net\\)) Tj ET"),
        "Grüße € 5 (net)"
    );
    assert_eq!(
        told("BT /F2 12 Tf 72 700 Td <010203050402 05 06 03 07> Tj ET"),
        "We cffiecä €"
    );
    assert_eq!(
        told("BT /F3 12 Tf 72 700 Td <002400050005001000400041> Tj ET"),
        "Deep 🕒"
    );
}

#[test]
fn forms_are_told_where_they_stand_and_artifacts_are_not() {
    let content =
        "/Artifact <</Type /Pagination>> BDC BT /F1 9 Tf 72 820 Td (Page 1 of 9) Tj ET EMC
        BT /F1 12 Tf 72 700 Td /P <</MCID 0>> BDC (Before.) Tj EMC ET q /X Do Q";
    assert_eq!(told(content), "Before.\n\nTold by a form.");
}

#[test]
fn accents_put_over_letters_are_one_character_with_them() {
    // As TeX does it: the accent, back, the letter.
    assert_eq!(
        told(
            "BT /F1 10 Tf 72 700 Td [(Niels M) 0 (\\250) 500 (oller and Jos) 0 (\\264) 450 (e)] TJ ET"
        ),
        "Niels Möller and José"
    );
}

#[test]
fn contents_page_numbers_and_what_each_page_repeats_are_left_out() {
    let page = |number: u32, text: &str| {
        format!(
            "BT /F1 9 Tf 72 820 Td (Handbook, page {number}) Tj ET BT /F1 12 Tf 72 700 Td ({text}) Tj ET BT /F1 9 Tf 290 20 Td ({number}) Tj ET"
        )
    };
    let pages = [
        page(1, "1 Introduction . . . . . . . . 3"),
        page(2, "Words of the second page."),
        page(
            3,
            "The FcConfig of Fc-) Tj 0 -14 Td (ConfigParse is one; so is the second line.",
        ),
    ];
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    assert_eq!(
        text("plan.pdf", &pdf(&pages)).unwrap(),
        "Handbook, page 1\n\nWords of the second page.\n\nThe FcConfig of Fc-\n\nConfigParse is one; so is the second line."
    );
}

#[test]
fn pages_follow_each_other() {
    let pages = [
        "BT /F1 12 Tf 72 700 Td (One.) Tj ET",
        "q",
        "BT /F1 12 Tf 72 700 Td (Two.) Tj ET",
    ];
    assert_eq!(text("plan.pdf", &pdf(&pages)).unwrap(), "One.\n\nTwo.");
}

#[test]
fn objects_in_streams_and_broken_tables_are_read() {
    let whole = pdf(&["BT /F1 12 Tf 72 700 Td (Still here.) Tj ET"]);
    let cut = whole.windows(5).rposition(|it| it == b"xref\n").unwrap();
    assert_eq!(text("plan.pdf", &whole[..cut]).unwrap(), "Still here.");

    // The font and the pages lie in an object stream, as most writers put them.
    let inner = [
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ];
    let header = format!("2 0 5 {} ", inner[0].len() + 1);
    let objects = format!("{header}{} {}", inner[0], inner[1]);
    let mut file = pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"null".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>"
            .to_vec(),
        stream("", b"BT /F1 12 Tf 72 700 Td (Packed.) Tj ET"),
        b"null".to_vec(),
        stream(
            &format!("/Type /ObjStm /N 2 /First {}", header.len()),
            objects.as_bytes(),
        ),
    ]);
    // A cross-reference stream says which objects lie in which: kind, place, index.
    let text_of = String::from_utf8_lossy(&file).into_owned();
    let offset = |number: u32| {
        let wanted = format!("\n{number} 0 obj").into_bytes();
        (file
            .windows(wanted.len())
            .position(|it| it == wanted)
            .unwrap()
            + 1) as u32
    };
    assert!(text_of.contains("ObjStm"));
    let start = file.windows(5).rposition(|it| it == b"xref\n").unwrap();
    let rows: [(u8, u32, u8); 8] = [
        (0, 0, 0),
        (1, offset(1), 0),
        (2, 6, 0),
        (1, offset(3), 0),
        (1, offset(4), 0),
        (2, 6, 1),
        (1, offset(6), 0),
        (1, start as u32, 0),
    ];
    let mut table = Vec::new();
    for (kind, place, index) in rows {
        table.push(kind);
        table.extend(place.to_be_bytes());
        table.push(index);
    }
    file.truncate(start);
    file.extend(b"7 0 obj\n");
    file.extend(stream("/Type /XRef /Size 8 /W [1 4 1] /Root 1 0 R", &table));
    file.extend(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    assert_eq!(text("plan.pdf", &file).unwrap(), "Packed.");
}

#[test]
fn letters_that_mean_nothing_are_no_text() {
    // Codes of a composite font that does not say what they stand for.
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        "",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H >>",
    ];
    let mut objects: Vec<Vec<u8>> = objects.iter().map(|it| it.as_bytes().to_vec()).collect();
    objects[3] = stream("", b"BT /F 12 Tf 72 700 Td <000100020003> Tj ET");
    assert_eq!(
        text("a.pdf", &pdf_of(&objects)),
        Err(AttachmentError::WithoutText)
    );
}

#[test]
fn p09_properties_and_annotations_are_not_told() {
    let mut file = pdf(&["BT /F1 12 Tf 72 700 Td (Told.) Tj ET"]);
    let note = b"99 0 obj\n<< /Author (Ines Verborgen) /Type /Annot /Subtype /Text /T (Ines Verborgen) /Contents (Shorten this) >>\nendobj\n";
    file.extend(note);
    assert_eq!(text("a.pdf", &file).unwrap(), "Told.");
}
