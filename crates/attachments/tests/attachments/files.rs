//! Kinds and limits that hold for every file.

use attachments::{AttachmentError, extract};
use protocol::{Attachment, ErrorCode};

use crate::support::{DOCX, docx, pdf, text};

#[test]
fn text_files_are_passed_on_as_they_stand() {
    assert_eq!(
        text("notes.txt", b"Gr\xfc\xdfe\r\nfrom the lab\r\n").unwrap(),
        "Grüße\nfrom the lab\n"
    );
    let csv = b"\xef\xbb\xbfname;share\n\"a;b\";7\n";
    assert_eq!(text("shares.csv", csv).unwrap(), "name;share\n\"a;b\";7\n");
    let markdown = "# Title\n\n- one\n  - two\n";
    assert_eq!(text("README.md", markdown.as_bytes()).unwrap(), markdown);
}

#[test]
fn a_media_type_is_enough_to_know_a_file() {
    let body = "<w:p><w:r><w:t>By type.</w:t></w:r></w:p>";
    assert_eq!(
        extract("plan", DOCX, &docx(body)).unwrap().as_str(),
        "By type."
    );
}

#[test]
fn each_refusal_has_its_code() {
    let long = vec![b'a'; Attachment::MAX_BYTES as usize + 1];
    let wordy = vec![b'a'; Attachment::MAX_TEXT_BYTES + 1];
    let encrypted = [
        b"%PDF-1.7\ntrailer << /Encrypt 9 0 R >>".as_slice(),
        &pdf(&["BT /F1 12 Tf (locked) Tj ET"]),
    ]
    .concat();
    let compound = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0];
    let table: [(&str, &[u8], AttachmentError, ErrorCode); 11] = [
        (
            "a.txt",
            &long,
            AttachmentError::TooLarge,
            ErrorCode::AttachmentTooLarge,
        ),
        (
            "a.txt",
            &wordy,
            AttachmentError::TooLarge,
            ErrorCode::AttachmentTooLarge,
        ),
        (
            "a.png",
            b"\x89PNG",
            AttachmentError::Unsupported,
            ErrorCode::AttachmentUnsupported,
        ),
        (
            "a.pdf",
            &encrypted,
            AttachmentError::Encrypted,
            ErrorCode::AttachmentEncrypted,
        ),
        (
            "a.docx",
            &compound,
            AttachmentError::Encrypted,
            ErrorCode::AttachmentEncrypted,
        ),
        (
            "a.pdf",
            b"no PDF",
            AttachmentError::Broken,
            ErrorCode::AttachmentUnreadable,
        ),
        (
            "a.docx",
            b"no archive",
            AttachmentError::Broken,
            ErrorCode::AttachmentUnreadable,
        ),
        (
            "a.csv",
            b"\0\0\0",
            AttachmentError::Broken,
            ErrorCode::AttachmentUnreadable,
        ),
        (
            "a.txt",
            b" \n\t",
            AttachmentError::WithoutText,
            ErrorCode::AttachmentWithoutText,
        ),
        (
            "a.docx",
            &docx("<w:p/>"),
            AttachmentError::WithoutText,
            ErrorCode::AttachmentWithoutText,
        ),
        (
            "a.pdf",
            &pdf(&["q Q"]),
            AttachmentError::WithoutText,
            ErrorCode::AttachmentWithoutText,
        ),
    ];
    for (name, bytes, error, code) in table {
        assert_eq!(text(name, bytes), Err(error), "{name} {error}");
        assert_eq!(error.code(), code);
    }
}

#[test]
fn p14_debug_shows_no_content() {
    let text = extract("a.txt", "", b"buy the moon").unwrap();
    assert_eq!(format!("{text:?}"), "Text(12 bytes)");
}
