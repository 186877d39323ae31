// Small files as people attach them, built of what they say: a Word document, a PDF, a picture.

import { crc32, deflateRawSync, deflateSync } from "node:zlib";

const xml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** A zip archive (APPNOTE 6.3) of names and texts. */
function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = Buffer.from(text);
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(checksum(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    parts.push(Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), common, place, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, index, end]);
}

/** CRC-32 (ISO 3309), as zip asks for it. */
function checksum(data) {
  if (crc32) return crc32(data);
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/**
 * A Word document of `{heading}`, `{text}`, `{item}`, `{rows}` and `{struck, by}`: words that a
 * tracked change of that person took away.
 */
export function docx(parts, { author }) {
  const run = (text) => `<w:r><w:t xml:space="preserve">${xml(text)}</w:t></w:r>`;
  const paragraph = (properties, inner) => `<w:p><w:pPr>${properties}</w:pPr>${inner}</w:p>`;
  const body = parts.map((part) => {
    if (part.heading) return paragraph('<w:pStyle w:val="Heading1"/>', run(part.heading));
    if (part.item) {
      const list = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>';
      return paragraph(list, run(part.item));
    }
    if (part.rows) {
      const cell = (text) => `<w:tc>${paragraph("", run(text))}</w:tc>`;
      const rows = part.rows.map((row) => `<w:tr>${row.map(cell).join("")}</w:tr>`);
      return `<w:tbl>${rows.join("")}</w:tbl>`;
    }
    if (part.struck) {
      const words = `<w:r><w:delText>${xml(part.struck)}</w:delText></w:r>`;
      return paragraph("", `<w:del w:id="1" w:author="${xml(part.by)}">${words}</w:del>`);
    }
    return paragraph("", run(part.text));
  });
  const main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
  return zip({
    "[Content_Types].xml":
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels":
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "docProps/core.xml": `<coreProperties><creator>${xml(author)}</creator></coreProperties>`,
    "word/document.xml": `<w:document xmlns:w="${main}"><w:body>${body.join("")}</w:body></w:document>`,
  });
}

/** A PDF of one page: a title and lines below it, in Helvetica. */
export function pdf({ title, lines, author }) {
  const text = (it) => `(${it.replaceAll(/[\\()]/g, "\\$&")})`;
  const shown = lines.map((line) => `${text(line)} Tj T*`).join("\n");
  const content = deflateSync(
    `BT /F1 20 Tf 72 770 Td ${text(title)} Tj ET\nBT /F1 12 Tf 14 TL 72 730 Td\n${shown}\nET`,
  );
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    [`<< /Length ${content.length} /Filter /FlateDecode >>\nstream\n`, content, "\nendstream"],
    `<< /Author ${text(author)} >>`,
  ];
  const parts = [Buffer.from("%PDF-1.7\n")];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  const offsets = objects.map((object, index) => {
    const offset = length();
    const inner = [object].flat().map((it) => Buffer.from(it));
    parts.push(Buffer.from(`${index + 1} 0 obj\n`), ...inner, Buffer.from("\nendobj\n"));
    return offset;
  });
  const start = length();
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const count = objects.length + 1;
  parts.push(
    Buffer.from(
      `xref\n0 ${count}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${count} /Root 1 0 R /Info 6 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

/** The smallest PNG there is. */
export const png = () =>
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );

/** The bytes of an entry of NAME.attachments.json. */
export function bytesOf({ text, repeated, document, page, picture }) {
  if (document) return docx(document.parts, document);
  if (page) return pdf(page);
  if (picture) return png();
  return repeated ? Buffer.alloc(repeated, "a line of a long log\n") : Buffer.from(text);
}
