//! What of a Word document is told.

use crate::support::{docx, text};

fn told(body: &str) -> String {
    text("plan.docx", &docx(body)).unwrap()
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn styled(style: &str, text: &str) -> String {
    format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#)
}

fn numbered(level: u32, text: &str) -> String {
    format!(
        r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#
    )
}

#[test]
fn paragraphs_headings_and_lists_are_lines() {
    let body = [
        styled("berschrift1", "Plan"),
        p("One &amp; two<w:br/>three&#x2014;four"),
        styled("Kapitel", "Steps"),
        numbered(0, "First"),
        numbered(1, "Inner"),
        styled("Punkt", "By style"),
        p("After."),
        r#"<w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Deep</w:t></w:r></w:p>"#.into(),
    ]
    .concat();
    assert_eq!(
        told(&body.replace("<w:br/>", "</w:t><w:br/><w:t>")),
        "# Plan\n\nOne \\& two\\\nthree—four\n\n## Steps\n\n- First\n  - Inner\n- By style\n\nAfter.\n\n### Deep"
    );
}

#[test]
fn words_go_on_over_runs() {
    let body = r#"<w:p><w:r><w:t xml:space="preserve">Half a wo</w:t></w:r><w:proofErr/><w:hyperlink><w:r><w:t>rd</w:t></w:r></w:hyperlink><w:r><w:tab/><w:t>tab</w:t><w:noBreakHyphen/><w:t>bed</w:t></w:r></w:p>"#;
    assert_eq!(told(body), "Half a word tab-bed");
}

#[test]
fn tables_are_told_row_by_row() {
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", p(text));
    let row = |cells: &[String]| format!("<w:tr>{}</w:tr>", cells.concat());
    let wide = format!(
        r#"<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{}</w:tc>"#,
        p("both")
    );
    let inner = format!(
        "<w:tc><w:tbl>{}</w:tbl><w:p/></w:tc>",
        row(&[cell("in"), cell("side")])
    );
    let table = [
        row(&[cell("Step"), cell("Owner"), cell("Days")]),
        row(&[cell("Draft"), cell(""), cell("3")]),
        row(&[wide, cell("9")]),
        row(&[inner, cell("x"), cell("1")]),
    ]
    .concat();
    assert_eq!(
        told(&format!(
            "{}<w:tbl>{table}</w:tbl>{}",
            p("Before."),
            p("After.")
        )),
        "Before.\n\n| Step | Owner | Days |\n| --- | --- | --- |\n| Draft |  | 3 |\n| both |  | 9 |\n| in; side | x | 1 |\n\nAfter."
    );
}

#[test]
fn p09_what_was_struck_out_and_who_did_it_is_not_told() {
    let body = r#"<w:p><w:pPr><w:pPrChange w:author="Ines Verborgen"><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr></w:pPrChange></w:pPr>
        <w:r><w:t xml:space="preserve">We keep </w:t></w:r>
        <w:del w:author="Ines Verborgen" w:date="2026-01-01T00:00:00Z"><w:r><w:delText>the old plan</w:delText></w:r></w:del>
        <w:moveFrom w:author="Ines Verborgen"><w:r><w:t>moved away</w:t></w:r></w:moveFrom>
        <w:ins w:author="Ines Verborgen"><w:r><w:rPr><w:rPrChange w:author="Ines Verborgen"/></w:rPr><w:t>the new plan</w:t></w:r></w:ins>
        <w:commentRangeStart w:id="0"/><w:r><w:t>.</w:t></w:r><w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>kept row</w:t></w:r></w:p></w:tc></w:tr>
        <w:tr><w:trPr><w:del w:author="Ines Verborgen"/></w:trPr><w:tc><w:p><w:r><w:t>deleted row</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"#;
    assert_eq!(told(body), "We keep the new plan.\n\nkept row");
}

#[test]
fn p09_properties_of_people_and_hidden_text_are_not_told() {
    let field = |instruction: &str, result: &str| {
        format!(
            r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {instruction} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{result}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#
        )
    };
    let body = [
        r#"<w:sdt><w:sdtPr><w:dataBinding w:xpath="/ns1:coreProperties[1]/ns0:creator[1]"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Ines Verborgen</w:t></w:r></w:p></w:sdtContent></w:sdt>"#,
        r#"<w:sdt><w:sdtPr><w:alias w:val="Status"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Draft.</w:t></w:r></w:p></w:sdtContent></w:sdt>"#,
        "<w:p>",
        &field("AUTHOR  \\* MERGEFORMAT", "Ines Verborgen"),
        &field("DOCPROPERTY Manager", "Ines Verborgen"),
        r#"<w:fldSimple w:instr=" LASTSAVEDBY "><w:r><w:t>Ines Verborgen</w:t></w:r></w:fldSimple>"#,
        &field("REF figure", "Figure 3"),
        r#"<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> shows it.</w:t></w:r>"#,
        "</w:p>",
    ]
    .concat();
    assert_eq!(told(&body), "Draft.\n\nFigure 3 shows it.");
}

#[test]
fn text_boxes_are_told_once() {
    let body = r#"<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>Beside it.</w:t></w:r></w:p>"#;
    assert_eq!(told(body), "In a box.\n\nBeside it.");
}

#[test]
fn signs_that_are_just_shown_are_escaped() {
    let body = [
        p("# 1 of *all* &lt;b&gt; [x] a_b"),
        p("- 5 degrees"),
        numbered(0, "# no"),
    ]
    .concat();
    assert_eq!(
        told(&body),
        "\\# 1 of \\*all\\* \\<b> \\[x\\] a\\_b\n\n\\- 5 degrees\n\n- # no"
    );
}
