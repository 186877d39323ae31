//! What is known of words: which are ordinary although people are called so, which make a group, a
//! title or a role of the words beside them, and behind which labels people stand. The words
//! themselves are compared as hashes made when the program is built. Knows nothing of pages.

pub(crate) use crate::fold::is_wide;
use crate::fold::{SEED, Token, hash_of, step, steps};

/// What is known of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(u16);

impl Word {
    /// Capitalised for other reasons as well (months, nouns of headings, nouns of German): never a
    /// name alone.
    const ALWAYS: u16 = 1;
    /// Ordinary in small letters: its capital makes it a name within a sentence.
    const IN_LOWER_CASE: u16 = 1 << 1;
    /// Names a role and not a person when it is used as an id.
    const COMMON: u16 = 1 << 2;
    /// What ends in it is a group.
    const GROUP: u16 = 1 << 3;
    /// A form of address.
    const TITLE: u16 = 1 << 4;
    /// Part of a family name, in small letters too.
    const PARTICLE: u16 = 1 << 5;
    /// Behind a name and part of it.
    const SUFFIX: u16 = 1 << 6;
    /// Where it stands, an invitation or an organisation is named and no person.
    const NO_PERSON: u16 = 1 << 7;
    /// A label behind which people stand.
    const LABEL: u16 = 1 << 8;
    /// Between a participle and the person who did it.
    const BY: u16 = 1 << 9;
    /// Ends a letter, before its writer's name.
    const CLOSING: u16 = 1 << 10;
    /// Parts people in a list.
    const AND: u16 = 1 << 11;
    /// Goes before a noun, which needs no article then.
    const ARTICLE: u16 = 1 << 12;

    fn has(self, flags: u16) -> bool {
        self.0 & flags != 0
    }

    pub(crate) fn is_always(self) -> bool {
        self.has(Self::ALWAYS | Self::COMMON | Self::GROUP)
    }

    pub(crate) fn is_ordinary(self) -> bool {
        self.is_always() || self.has(Self::IN_LOWER_CASE)
    }

    pub(crate) fn is_group(self) -> bool {
        self.has(Self::GROUP)
    }

    pub(crate) fn is_title(self) -> bool {
        self.has(Self::TITLE)
    }

    pub(crate) fn is_particle(self) -> bool {
        self.has(Self::PARTICLE)
    }

    pub(crate) fn is_suffix(self) -> bool {
        self.has(Self::SUFFIX)
    }

    /// Whether it says that the words around it are no person's name.
    pub(crate) fn is_no_person(self) -> bool {
        self.is_always() || self.has(Self::NO_PERSON)
    }

    pub(crate) fn is_label(self) -> bool {
        self.has(Self::LABEL)
    }

    pub(crate) fn is_by(self) -> bool {
        self.has(Self::BY)
    }

    pub(crate) fn is_closing(self) -> bool {
        self.has(Self::CLOSING)
    }

    pub(crate) fn is_and(self) -> bool {
        self.has(Self::AND)
    }

    pub(crate) fn is_article(self) -> bool {
        self.has(Self::ARTICLE)
    }
}

/// What is known of a word by its hash.
pub(crate) fn by_hash(hash: u64) -> Word {
    let key = short(hash);
    let mut index = TABLE.partition_point(|(known, _)| *known < key);
    let mut flags = 0;
    while let Some((known, more)) = TABLE.get(index)
        && *known == key
    {
        flags |= more;
        index += 1;
    }
    Word(flags)
}

/// What is known of a word that was read.
pub(crate) fn of(token: &Token) -> Word {
    by_hash(steps(SEED, token.letters()))
}

/// What is known of a text without its marks: letters alone count, however they are parted.
pub(crate) fn of_text(text: &str) -> Word {
    let mut token = Token::new();
    let mut hash = SEED;
    let mut at = 0;
    let mut is_first = true;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let end = token.read(text, at);
        if end == at {
            at += first.len_utf8();
            continue;
        }
        if !is_first && !token.wide {
            hash = step(hash, ' ');
        }
        is_first = false;
        hash = steps(hash, token.letters());
        at = end;
    }
    by_hash(hash)
}

const fn short(hash: u64) -> u32 {
    (hash >> 32) as u32 ^ hash as u32
}

/// Words in the form in which [`Token`] gives them: folded, without endings of case.
const LISTS: [(u16, &str); 13] = [
    (
        Word::ALWAYS,
        "ai all am an and april are as at august banks be black brown by case day days do email english field \
fields for french from go german green he hr id if in is it january february march june july long \
may me monday my new no north not october november december september of ok on one open or our page \
parts price qa read red small sky so south star stars start stop summer saturday sunday task tasks \
test text thanks thursday tuesday friday wednesday the to todo top two up us ui ux version we week \
weeks what when where white who why with word words you young your zone a e i address mail account \
colleague colleagues team kollege kollegin kollegen collegue collegues colega colegas equipo equipe \
אור טל שיר גל ים חן רן שחר חיים אביב امل نور سلام سعيد جميل حسن عادل вер надежд любов",
    ),
    (
        Word::IN_LOWER_CASE,
        "abbot amber angel archer art ash bailey baker ball barber barn basil bean bell berry best bill birch \
bird bishop bloom booth branch brand bright brook brooks buck burns bush butcher butler cannon carol \
carpenter carter case castle chambers chance chandler chapel charity chase chip christian church \
clay cliff coach cole cook cooper coral cross crow crystal curry daisy dale dawn dean destiny dick \
dot drake drew driver dusty dyer earl eve faith farmer fern finch fish fisher flora flower flowers \
ford forest foster fox frank frost gale garland gene gift ginger glass glen glory grace grant grove \
guy hall hand hardy harmony harper hart harvest hawk hazel heath heather hill holiday holly honor \
hope hunt hunter iris iron ivy jack jade jasmine jay jean jewel jet joy judge junior justice king \
knight lake lamb lance lane law lily major mark marsh marshal marshall mason mass max mayor melody \
mercy merit miles mill miller mills miner monk moss nail nick noel norm oak olive opal page painter \
palm park parks parson pat patience paige pearl penny pepper perry pierce pike piper pitt pole pond \
pool poole poppy porter potter pound prince proctor queen rain ray reed rice rich ridge river rivers \
rob robin rock rod rose ruby rusty sage sandy savage saver scout sharp shepherd sherry singer skip \
smart smith son sparks speaker spark spike steel stern stone storm strong sue sunny swift tanner tab \
taylor teddy temple terry tower towers trainer tripp trip tucker turner van victor victory violet \
wade wagner walker wall ward waters weaver wheeler wild will willow page autumn bond bridge bridges \
east west gates gold good gray grey house key keys king light list local love low money moon more \
name news nice noble noon note old orange point power public road rule rules safe sea silver snow \
spring street sun town well wells winter wise wood woods work works world worth bauer berg feld haus \
herbst jung kaiser klein koch konig kurz lang neu schwarz sommer stark stein vogel wolf baum engel \
petit blanc noir bois cruz flores reyes campos sol mar luz",
    ),
    (
        Word::COMMON,
        "admin administrator anonymous assignee author channel confluence everyone guest hello help here info \
jira moderator nobody noreply office owner public root sales security service someone system test \
tester unassigned unknown user username users wiki webmaster postmaster contact support",
    ),
    (
        Word::GROUP,
        "alerts automation board bot bots chapter committee company council crew department desk division \
engineering group guild inc leads llc ltd gmbh office operations ops org organisation organization \
partners squad staff support team teams tribe unit abteilung equipe equipo departamento",
    ),
    (
        Word::TITLE,
        "dr mr mrs ms mx prof professor sir madam miss herr frau mme mlle monsieur madame senor senora sr sra \
dott ing",
    ),
    (
        Word::PARTICLE,
        "al af ap bin ibn bint da das de del dela della den der des di do dos du el la las le lo los mac mc \
of san santa st ten ter van vander von vom y zu zum zur e",
    ),
    (
        Word::SUFFIX,
        "jr sr ii iii iv phd md esq mba msc bsc cpa pmp junior senior",
    ),
    (
        Word::NO_PERSON,
        "about action actions comment comments deadline description due end in next notes priority progress start steps step summary access accounting acme agile analyst analytics any api apis app apps applicable application \
applications architect architecture area ask assistant asset assurance audit backend backup bank \
billing board both branch build business call cannot capacity center central centre change chat \
chief city client clients cloud code commercial common communications compliance consultant \
consulting content control core corp corporate corporation customer customers data database date \
default delivery deployment design designer desk dev developer developers development device devops \
digital direct director directory docs document each editor either email employee engine engineer \
engineers enterprise entire environment everybody experience expert external facilities factory \
feature file finance first form former foundation frontend front full function future general global \
governance guide hardware hat head health helpdesk home hosting human image important incident \
industries industry infra infrastructure integration intern internal international internet invoice \
it item items job kingdom language last later lead leader leadership learning legal level library \
line linux live lives logistics mail main maintenance manager management managers manufacturing \
market marketing master media member members message mobile model module monitoring multiple n na \
national network next none number office officer officers operation operational operations optional \
order other others our package partner partners payment payments pending people person phone \
planning platform please policy portal president primary private process procurement product \
production products profile program programme project projects provider purchasing quality question \
queue reach region regional release reliability remote report reporting request required \
requirements research resource resources responsible retail review risk role roles sales same scrum \
search secondary section see self send senior server service services session several share shared \
site sites slack software solution solutions source space special specialist staff staging \
stakeholders standard state states status steering steward storage store strategy studio success \
supplier suppliers supply support system systems talk tbc tbd tba technical technology tech testing \
third ticket time title tool tools total training transport treasury type undecided united \
university update user users value various vendor vendors vice view web website workspace write york \
your zealand vertrieb technik einkauf leitung leiter geschaftsfuhrung kunden kunde alle keine offen \
unbekannt niemand nicht noch direction service tous aucun todos ninguno direccion ventas finanzas \
angeles francisco diego delhi kong atlassian microsoft google amazon oracle apple github gitlab \
jenkins docker kubernetes java python azure office",
    ),
    (
        Word::LABEL,
        "accountable createdby updatedby reviewedby approvedby assignedto preparedby modifiedby ownedby writtenby approver approvers assigned assignee assignees attendee attendees attn author authors \
bcc buddy cc champion coach collaborator collaborators committer consulted contact contacts \
contributor contributors coordinator creator creators curator designer developer displayname \
displayname dri driver editor editors engineer escalation facilitator fao host informed interviewer \
lead leads leader maintainer maintainers manager mentor moderator organiser organizer owner owners \
participant participants poc presenter presenters reporter reporters requester requestor responsible \
reviewer reviewers scribe secretary signatory speaker speakers sponsor sponsors stakeholder \
stakeholders steward supervisor tester trainer verantwortlich verantwortliche verantwortlicher autor \
autoren autorin verfasser verfasserin ersteller besitzer eigentumer eigentumerin ansprechpartner \
ansprechpartnerin ansprechperson kontakt zustandig bearbeiter bearbeiterin prufer genehmiger \
teilnehmer gast leitung leiter leiterin moderation protokoll auteur auteurs auteure proprietaire \
responsable redacteur redactrice approbateur createur rapporteur pilote assigne contacte \
participants destinataire autora propietario propietaria contacto revisor revisora aprobador \
aprobadora creador creadora asignado lider encargado encargada redactor participantes responsavel \
autore autrice responsabile referente proprietario 担当 担当者 作成者 作成 著者 作者 責任者 連絡先 承認者 確認者 報告者 記入者 編集者 \
氏名 负责人 負責人 联系人 聯絡人 创建人 审批人 经办人 姓名 담당자 작성자 책임자 승인자 검토자 연락처 автор \
ответственн исполнител владелц контакт руководител 校对 审核人 作成者名 担当者名 责任人 執筆者 承認",
    ),
    (Word::BY, "by von par por durch da"),
    (
        Word::CLOSING,
        "regards cheers best sincerely yours thanks cordially respectfully greetings grusse grussen gruss \
gruess lg vg mfg cordialement amicalement sincerement saludos atentamente cordialmente \
atenciosamente abracos",
    ),
    (
        Word::AND,
        "and und et y e o or oder ou with mit plus sowie と 和 及 与 와 과 и а ו و",
    ),
    (
        Word::ARTICLE,
        "the a an this that our my your their his her its each every some any no another",
    ),
];

const COUNT: usize = count();

const fn count() -> usize {
    let mut words = 0;
    let mut list = 0;
    while list < LISTS.len() {
        let text = LISTS[list].1.as_bytes();
        let mut index = 0;
        while index < text.len() {
            if text[index] != b' ' && (index == 0 || text[index - 1] == b' ') {
                words += 1;
            }
            index += 1;
        }
        list += 1;
    }
    words
}

static TABLE: [(u32, u16); COUNT] = table();

const fn table() -> [(u32, u16); COUNT] {
    let mut table = [(0, 0); COUNT];
    let mut filled = 0;
    let mut list = 0;
    while list < LISTS.len() {
        let (flags, text) = LISTS[list];
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() {
            let mut end = index;
            while end < text.len() && text[end] != b' ' {
                end += 1;
            }
            if end > index {
                let (_, from) = text.split_at(index);
                let (word, _) = from.split_at(end - index);
                table[filled] = (short(hash_of(word)), flags);
                filled += 1;
            }
            index = end + 1;
        }
        list += 1;
    }
    // Shell's sort: the library's does not run at compile time.
    let mut gap = COUNT / 2;
    while gap > 0 {
        let mut index = gap;
        while index < COUNT {
            let item = table[index];
            let mut to = index;
            while to >= gap && table[to - gap].0 > item.0 {
                table[to] = table[to - gap];
                to -= gap;
            }
            table[to] = item;
            index += 1;
        }
        gap /= 2;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_hash() {
        assert!(of_text("Will").is_ordinary() && !of_text("Will").is_always());
        assert!(of_text("MAY").is_always());
        assert!(of_text("Grüße").is_closing());
        assert!(of_text("担当者").is_label());
        assert!(of_text("负责人").is_label());
        assert!(!of_text("Halloway").is_ordinary() && !of_text("Halloway").is_label());
    }

    #[test]
    fn no_two_words_of_different_lists_share_a_hash_by_chance() {
        // Flags of a made-up word are empty: the table is not so full that any word is known.
        let known = (0..10_000_u32)
            .filter(|n| by_hash(hash_of(format!("xq{n}").as_bytes())) != Word(0))
            .count();
        assert_eq!(known, 0);
    }
}
