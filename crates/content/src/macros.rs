//! What becomes of each macro, by its name: one table for both formats, from which the table in the
//! documentation is made as well. Knows names alone; it must never look at a macro's content.

use crate::model::Panel;

/// What becomes of a macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MacroKind {
    /// The title, then the body as a panel of this meaning.
    Panel(Panel),
    /// The title, then the body.
    Titled,
    /// The body, as a block.
    Body,
    /// The body, in the line that it stands in.
    Inline,
    /// A listing of a language, with a title.
    Code,
    /// A lozenge: its title, in the line.
    Status,
    /// An issue: its key and summary, in the line; never its people. A list of issues is not told.
    Jira,
    /// A formula, as it is written.
    Formula,
    /// A drawing: its title. Its source is not told, as it may name people.
    Diagram,
    /// A file that is shown: its name without extension.
    File,
    /// It shows people, and is taken out (P9).
    People,
    /// What it shows lives elsewhere (other pages, other apps) and is not told, with a warning.
    Elsewhere,
    /// It shows nothing of its own: navigation, anchors, buttons, settings.
    Nothing,
    /// None of the table: its text is told, with a warning.
    Unknown,
}

impl MacroKind {
    /// What becomes of macros of this kind, for readers of the documentation.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Panel(Panel::Info | Panel::Success) => "title and body are told",
            Self::Panel(Panel::Note) => "title and body are told as a note",
            Self::Panel(Panel::Tip) => "title and body are told as a tip",
            Self::Panel(Panel::Warning) => "title and body are told as a warning",
            Self::Panel(Panel::Error) => "title and body are told as an error",
            Self::Titled => "title and body are told",
            Self::Body => "the body is told",
            Self::Inline => "the body is told in the line",
            Self::Code => "language and length are told; title and code where that is chosen",
            Self::Status => "its title is told in the line",
            Self::Jira => "key and summary are told, people never; lists of issues give a warning",
            Self::Formula => "told as it is written",
            Self::Diagram => "its title is told, its source is not",
            Self::File => "the file's name is told without its extension",
            Self::People => "removed, and reported as a removal",
            Self::Elsewhere => "not told, as it lives elsewhere; gives a warning",
            Self::Nothing => "not told: it says nothing of its own",
            Self::Unknown => "its text is told; gives a warning",
        }
    }
}

/// What becomes of the macro of a name; capitals make no difference. Of a Forge app's macro the
/// name is the last part of its key, `APP/ENVIRONMENT/static/KEY`.
pub(crate) fn kind(name: &str) -> MacroKind {
    let name = short_name(name);
    let mut lower = [0_u8; LONGEST];
    let Some(lower) = lower.get_mut(..name.len()) else {
        return MacroKind::Unknown;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let found = MACROS.binary_search_by(|(known, _)| known.as_bytes().cmp(lower));
    found.map_or(MacroKind::Unknown, |index| MACROS[index].1)
}

/// The part of a macro's key that says what it is.
pub(crate) fn short_name(key: &str) -> &str {
    key.trim().rsplit('/').next().unwrap_or_default()
}

/// The longest name of the table has fewer bytes.
const LONGEST: usize = 48;

use MacroKind::{
    Body, Code, Diagram, Elsewhere, File, Formula, Inline, Jira, Nothing, People, Status, Titled,
};

/// Every macro that is known, by name: those of Confluence Cloud, of its past, and of apps that
/// many sites have.
pub(crate) const MACROS: &[(&str, MacroKind)] = &[
    ("add-page-button", Nothing),
    ("advanced-code-block", Code),
    ("alert", MacroKind::Panel(Panel::Note)),
    ("align", Body),
    ("anchor", Nothing),
    ("attachments", Elsewhere),
    ("aui-button", Nothing),
    ("auibuttongroup", Nothing),
    ("auihorizontalnav", Body),
    ("auihorizontalnavpage", Titled),
    ("auimessage", MacroKind::Panel(Panel::Info)),
    ("aura-button", Nothing),
    ("aura-panel", Titled),
    ("aura-tab", Titled),
    ("aura-tab-collection", Body),
    ("balsamiq", Diagram),
    ("blog-posts", Elsewhere),
    ("bookmarks", Elsewhere),
    ("calendar", Elsewhere),
    ("card", Titled),
    ("center", Body),
    ("cfm-footnote", Inline),
    ("cfm-tooltip", Inline),
    ("change-history", People),
    ("chart", Titled),
    ("chart-from-table", Body),
    ("cheese", Nothing),
    ("children", Elsewhere),
    ("children-display", Elsewhere),
    ("clickable", Body),
    ("cloak", Titled),
    ("code", Code),
    ("codeblock", Code),
    ("column", Body),
    ("composition-setup", Nothing),
    ("content-by-label", Elsewhere),
    ("content-by-user", People),
    ("content-report-table", Elsewhere),
    ("contentbylabel", Elsewhere),
    ("contentbyuser", People),
    ("contributors", People),
    ("contributors-summary", People),
    ("create-from-template", Nothing),
    ("create-jira-issue", Nothing),
    ("create-space-button", Nothing),
    ("databases", Elsewhere),
    ("decision", Body),
    ("deck", Body),
    ("details", Body),
    ("detailssummary", Elsewhere),
    ("div", Body),
    ("doc", Elsewhere),
    ("drawio", Diagram),
    ("drawio-sketch", Diagram),
    ("easy-math-block", Formula),
    ("easy-math-inline", Formula),
    ("eazy-math-block", Formula),
    ("eazy-math-inline", Formula),
    ("excalidraw", Diagram),
    ("excerpt", Body),
    ("excerpt-include", Elsewhere),
    ("excerpt-include-plus", Elsewhere),
    ("excerptplus", Body),
    ("expand", Titled),
    ("expandall", Nothing),
    ("favpages", People),
    ("figma", Elsewhere),
    ("footnote", Inline),
    ("footnotes-display", Nothing),
    ("gadget", Elsewhere),
    ("gallery", Elsewhere),
    ("gantt", Elsewhere),
    ("gliffy", Diagram),
    ("global-reports", Elsewhere),
    ("golpo-video", Nothing),
    ("google-drive-docs", Elsewhere),
    ("google-drive-sheets", Elsewhere),
    ("google-drive-slides", Elsewhere),
    ("googlemaps", Elsewhere),
    ("graphviz", Diagram),
    ("highlight", Inline),
    ("hint", MacroKind::Panel(Panel::Tip)),
    ("html", Elsewhere),
    ("html-bobswift", Elsewhere),
    ("html-include", Elsewhere),
    ("iframe", Elsewhere),
    ("im", People),
    ("image-attachment", File),
    ("img", Elsewhere),
    ("inc-drawio", Diagram),
    ("include", Elsewhere),
    ("include-plus", Elsewhere),
    ("index", Elsewhere),
    ("info", MacroKind::Panel(Panel::Info)),
    ("jira", Jira),
    ("jira-roadmap", Elsewhere),
    ("jirachart", Elsewhere),
    ("jiraissues", Jira),
    ("jiraportlet", Elsewhere),
    ("junitreport", Elsewhere),
    ("labels", Elsewhere),
    ("labels-list", Elsewhere),
    ("latex", Formula),
    ("latex-formatting", Formula),
    ("latex-inline", Formula),
    ("legend", Body),
    ("list-labels", Elsewhere),
    ("listlabels", Elsewhere),
    ("livesearch", Nothing),
    ("localtab", Titled),
    ("localtabgroup", Body),
    ("loremipsum", Nothing),
    ("lozenge", Titled),
    ("lucidchart", Diagram),
    ("lucidchart-cloud", Diagram),
    ("lucidspark", Diagram),
    ("markdown", Body),
    ("markdown-from-url", Elsewhere),
    ("math", Formula),
    ("mathblock", Formula),
    ("mathblock-ref", Nothing),
    ("mathinline", Formula),
    ("mathjax-block-macro", Formula),
    ("mathjax-inline-macro", Formula),
    ("mermaid", Diagram),
    ("mermaid-cloud", Diagram),
    ("mermaid-macro", Diagram),
    ("miro", Elsewhere),
    ("mockup", Diagram),
    ("multiexcerpt", Body),
    ("multiexcerpt-include", Elsewhere),
    ("multiexcerpt-include-macro", Elsewhere),
    ("multiexcerpt-macro", Body),
    ("multimedia", File),
    ("navigation-map", Elsewhere),
    ("navmap", Elsewhere),
    ("network", People),
    ("noformat", Code),
    ("note", MacroKind::Panel(Panel::Note)),
    ("office-excel", File),
    ("open-api", Elsewhere),
    ("outgoing-links", Elsewhere),
    ("page-index", Elsewhere),
    ("pagetree", Elsewhere),
    ("pagetreesearch", Nothing),
    ("panel", MacroKind::Panel(Panel::Info)),
    ("paste-code-macro", Code),
    ("pivot-table", Body),
    ("plantuml", Diagram),
    ("plantumlcloud", Diagram),
    ("plantumlrender", Diagram),
    ("popular-labels", Elsewhere),
    ("profile", People),
    ("profile-picture", People),
    ("progressbar", Nothing),
    ("recently-updated", People),
    ("recently-updated-dashboard", People),
    ("recently-used-labels", Elsewhere),
    ("redirect", Nothing),
    ("related-labels", Elsewhere),
    ("roadmap", Elsewhere),
    ("roundrect", Titled),
    ("rss", Elsewhere),
    ("scroll-bookmark", Nothing),
    ("scroll-content-block", Body),
    ("scroll-exportbutton", Nothing),
    ("scroll-ignore", Body),
    ("scroll-ignore-inline", Inline),
    ("scroll-indexterm", Nothing),
    ("scroll-landscape", Body),
    ("scroll-only", Nothing),
    ("scroll-only-inline", Nothing),
    ("scroll-pagebreak", Nothing),
    ("scroll-pagetitle", Nothing),
    ("scroll-pdf-ignore", Body),
    ("scroll-pdf-ignore-inline", Inline),
    ("scroll-pdf-only", Nothing),
    ("scroll-portrait", Body),
    ("scroll-tablelayout", Nothing),
    ("scroll-title", Titled),
    ("search", Nothing),
    ("searchresults", Nothing),
    ("section", Body),
    ("slide", Titled),
    ("space-attachments", Elsewhere),
    ("space-details", People),
    ("space-jump", Nothing),
    ("spacegraph", Elsewhere),
    ("spacejump", Nothing),
    ("spaces", Elsewhere),
    ("span", Inline),
    ("sql", Elsewhere),
    ("sql-query", Elsewhere),
    ("status", Status),
    ("status-handy", Status),
    ("status-list", People),
    ("sv-translation", Body),
    ("swagger-integration", Elsewhere),
    ("swagger-open-api", Elsewhere),
    ("tab", Titled),
    ("table-chart", Body),
    ("table-excerpt", Body),
    ("table-excerpt-include", Elsewhere),
    ("table-filter", Body),
    ("table-joiner", Body),
    ("table-plus", Body),
    ("table-transformer", Body),
    ("tableenhancer", Body),
    ("tabs", Body),
    ("tasklist", Body),
    ("tasks-report", People),
    ("tasks-report-macro", People),
    ("team-calendar", People),
    ("team-calendars", People),
    ("tip", MacroKind::Panel(Panel::Tip)),
    ("toc", Nothing),
    ("toc-zone", Body),
    ("tooltip", Inline),
    ("trello", Elsewhere),
    ("ui-button", Nothing),
    ("ui-children", Elsewhere),
    ("ui-expand", Titled),
    ("ui-expandable", Titled),
    ("ui-step", Titled),
    ("ui-steps", Body),
    ("ui-tab", Titled),
    ("ui-tabs", Body),
    ("ui-text-box", Titled),
    ("unit", Formula),
    ("unmigrated-inline-wiki-markup", Inline),
    ("unmigrated-wiki-markup", Body),
    ("user-list", People),
    ("user-profile", People),
    ("userlister", People),
    ("vega", Diagram),
    ("view-file", File),
    ("viewdoc", File),
    ("viewfile", File),
    ("viewpdf", File),
    ("viewport-redirect", Nothing),
    ("viewport-url-redirect", Nothing),
    ("viewppt", File),
    ("viewxls", File),
    ("warning", MacroKind::Panel(Panel::Warning)),
    ("web-sequence-diagram", Diagram),
    ("whiteboard", Elsewhere),
    ("widget", Elsewhere),
    ("wrap", Body),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        for pair in MACROS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} {}", pair[0].0, pair[1].0);
        }
        for (name, expected) in MACROS {
            assert!(name.len() <= LONGEST);
            assert_eq!(kind(&name.to_uppercase()), *expected);
        }
        assert_eq!(kind("weather"), MacroKind::Unknown);
        assert_eq!(kind(&"x".repeat(1_000)), MacroKind::Unknown);
    }
}
