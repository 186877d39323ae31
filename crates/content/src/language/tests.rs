use super::*;

fn detect_in(text: &str) -> Option<&'static str> {
    detect(&mut std::iter::once(text))
}

/// Sentences of our own, two or three a language, as they stand on pages about work.
const SENTENCES: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "The rollout starts on Monday and every team should check its own dashboards before noon.",
            "If the build fails, please open a ticket and add the log of the last run.",
            "We moved the database to a new region, which has cut the response time by half.",
        ],
    ),
    (
        "de",
        &[
            "Der Rollout beginnt am Montag, und jedes Team prüft vorher die eigenen Dashboards.",
            "Wenn der Build fehlschlägt, öffnen Sie bitte ein Ticket mit dem Protokoll des letzten Laufs.",
            "Die Datenbank ist in eine neue Region umgezogen, was die Antwortzeit halbiert hat.",
        ],
    ),
    (
        "fr",
        &[
            "Le déploiement commence lundi et chaque équipe doit vérifier ses tableaux de bord avant midi.",
            "Si la compilation échoue, ouvrez un ticket avec le journal de la dernière exécution.",
            "Nous avons déplacé la base de données dans une autre région, ce qui a réduit le temps de réponse.",
        ],
    ),
    (
        "es",
        &[
            "El despliegue empieza el lunes y cada equipo tiene que revisar sus paneles antes del mediodía.",
            "Si la compilación falla, abre un ticket con el registro de la última ejecución.",
            "Hemos movido la base de datos a otra región, lo que ha reducido el tiempo de respuesta.",
        ],
    ),
    (
        "it",
        &[
            "Il rilascio inizia lunedì e ogni gruppo deve controllare i propri pannelli prima di mezzogiorno.",
            "Se la compilazione non riesce, aprite una richiesta con il registro dell'ultima esecuzione.",
            "Abbiamo spostato il database in un'altra regione, e questo ha dimezzato i tempi di risposta.",
        ],
    ),
    (
        "pt",
        &[
            "A implantação começa na segunda-feira e cada equipe deve verificar os seus painéis antes do meio-dia.",
            "Se a compilação falhar, abra um chamado com o registro da última execução.",
            "Mudamos o banco de dados para uma nova região, o que reduziu o tempo de resposta.",
        ],
    ),
    (
        "nl",
        &[
            "De uitrol begint op maandag en elk team moet voor die tijd de eigen dashboards nakijken.",
            "Als de build mislukt, open dan een ticket met het logboek van de laatste uitvoering.",
            "We hebben de database naar een nieuwe regio verplaatst, wat de responstijd heeft gehalveerd.",
        ],
    ),
    (
        "sv",
        &[
            "Utrullningen börjar på måndag och varje grupp ska kontrollera sina paneler före lunch.",
            "Om bygget inte går igenom ska du öppna ett ärende med loggen från den senaste körningen.",
            "Vi har flyttat databasen till en ny region, vilket har halverat svarstiden.",
        ],
    ),
    (
        "da",
        &[
            "Udrulningen begynder på mandag, og hvert team skal tjekke sine egne paneler inden middag.",
            "Hvis bygningen ikke lykkes, skal du åbne en sag med loggen fra den seneste kørsel.",
            "Vi har flyttet databasen til en ny region, og det har også halveret svartiden af alle kald.",
        ],
    ),
    (
        "no",
        &[
            "Utrullingen begynner på mandag, og hvert team må sjekke sine egne paneler før lunsj.",
            "Hvis bygget ikke går gjennom, må du åpne en sak med loggen fra den siste kjøringen.",
            "Vi har flyttet databasen til en ny region, noe som har halvert svartiden etter bare noen dager.",
        ],
    ),
    (
        "fi",
        &[
            "Käyttöönotto alkaa maanantaina, ja jokaisen tiimin pitää tarkistaa omat näkymänsä sitä ennen.",
            "Jos koonti ei onnistu, avaa tiketti ja liitä siihen viimeisen ajon loki.",
            "Siirsimme tietokannan uudelle alueelle, mikä on puolittanut vasteajan, mutta se ei ole vielä kaikki.",
        ],
    ),
    (
        "is",
        &[
            "Útgáfan hefst á mánudag og hvert teymi þarf að skoða sín eigin mælaborð fyrir hádegi.",
            "Ef smíðin mistekst er best að opna mál og setja þar inn skrána frá síðustu keyrslu.",
        ],
    ),
    (
        "pl",
        &[
            "Wdrożenie zaczyna się w poniedziałek i każdy zespół powinien do południa sprawdzić swoje panele.",
            "Jeśli kompilacja się nie powiedzie, otwórz zgłoszenie z dziennikiem z ostatniego uruchomienia.",
            "Przenieśliśmy bazę danych do nowego regionu, co skróciło czas odpowiedzi o połowę.",
        ],
    ),
    (
        "cs",
        &[
            "Nasazení začíná v pondělí a každý tým by měl do poledne zkontrolovat své přehledy.",
            "Pokud se sestavení nepodaří, otevřete požadavek se záznamem z posledního běhu, který je k dispozici.",
            "Databázi jsme přesunuli do nové oblasti, což zkrátilo dobu odezvy na polovinu, ale to se ještě může změnit.",
        ],
    ),
    (
        "sk",
        &[
            "Nasadenie sa začína v pondelok a každý tím by mal do obeda skontrolovať svoje prehľady.",
            "Ak sa zostavenie nepodarí, otvorte požiadavku so záznamom z posledného behu, ktorý je k dispozícii.",
        ],
    ),
    (
        "hu",
        &[
            "A bevezetés hétfőn kezdődik, és minden csapatnak ellenőriznie kell a saját felületét dél előtt.",
            "Ha a fordítás nem sikerül, akkor nyiss egy jegyet, és csatold az utolsó futás naplóját.",
        ],
    ),
    (
        "ro",
        &[
            "Lansarea începe luni și fiecare echipă trebuie să verifice panourile sale înainte de prânz.",
            "Dacă nu reușește compilarea, deschideți un tichet cu jurnalul din ultima rulare.",
        ],
    ),
    (
        "hr",
        &[
            "Uvođenje počinje u ponedjeljak i svaki tim bi trebao do podneva provjeriti svoje ploče.",
            "Ako izgradnja ne uspije, otvorite zahtjev sa zapisom koji je nastao nakon posljednjeg pokretanja.",
        ],
    ),
    (
        "sl",
        &[
            "Uvajanje se začne v ponedeljek in vsaka ekipa mora do poldneva preveriti svoje plošče.",
            "Če gradnja ne uspe, odprite zahtevek z dnevnikom zadnjega zagona, ki je na voljo pri vseh.",
        ],
    ),
    (
        "tr",
        &[
            "Yayılım pazartesi başlıyor ve her ekip öğlene kadar kendi panolarını kontrol etmeli.",
            "Derleme başarısız olursa son çalıştırmanın günlüğü ile bir kayıt açın, bu çok daha iyi olur.",
        ],
    ),
    (
        "id",
        &[
            "Peluncuran dimulai pada hari Senin dan setiap tim harus memeriksa dasbor sendiri sebelum siang.",
            "Jika proses gagal, buka tiket dengan catatan dari proses yang terakhir.",
        ],
    ),
    (
        "vi",
        &[
            "Việc triển khai bắt đầu vào thứ Hai và mỗi nhóm phải kiểm tra bảng điều khiển của mình trước buổi trưa.",
            "Nếu quá trình không thành công, hãy mở một phiếu với nhật ký của lần chạy cuối.",
        ],
    ),
    (
        "ca",
        &[
            "El desplegament comença dilluns i cada equip ha de revisar els seus taulers abans del migdia, però amb calma.",
        ],
    ),
    (
        "et",
        &[
            "Kasutuselevõtt algab esmaspäeval ja iga meeskond peab enne lõunat oma vaated üle vaatama, kui see ei ole tehtud.",
        ],
    ),
    (
        "lv",
        &[
            "Ieviešana sākas pirmdien, un katrai komandai līdz pusdienām ir jāpārbauda savi paneļi, lai pēc tam nav kļūdu.",
        ],
    ),
    (
        "lt",
        &[
            "Diegimas prasideda pirmadienį ir kiekviena komanda iki pietų turi patikrinti savo skydelius, kad po to nebūtų klaidų.",
        ],
    ),
    (
        "ru",
        &[
            "Развёртывание начинается в понедельник, и каждая команда должна проверить свои панели.",
            "Если сборка не прошла, откройте заявку и приложите журнал последнего запуска, чтобы мы были в курсе.",
        ],
    ),
    (
        "uk",
        &["Розгортання починається в понеділок, і кожна команда має перевірити свої панелі."],
    ),
    (
        "bg",
        &[
            "Внедряването започва в понеделник и всеки екип трябва да провери таблата си още преди обяд, въпреки всичко.",
        ],
    ),
    (
        "sr",
        &["Увођење почиње у понедељак и сваки тим треба до поднева да провери своје табле."],
    ),
    (
        "el",
        &["Η διάθεση ξεκινά τη Δευτέρα και κάθε ομάδα πρέπει να ελέγξει τους πίνακές της."],
    ),
    (
        "he",
        &["הפריסה מתחילה ביום שני וכל צוות צריך לבדוק את לוחות המחוונים שלו לפני הצהריים."],
    ),
    (
        "ar",
        &["يبدأ النشر يوم الاثنين ويجب على كل فريق أن يتحقق من لوحاته قبل الظهر."],
    ),
    (
        "fa",
        &[
            "استقرار از روز دوشنبه آغاز می‌شود و هر گروه باید پیش از ظهر داشبوردهای خود را بررسی کند.",
        ],
    ),
    (
        "ur",
        &["رول آؤٹ پیر سے شروع ہوگا اور ہر ٹیم کو دوپہر سے پہلے اپنے ڈیش بورڈ دیکھنے چاہئیں۔"],
    ),
    (
        "hi",
        &["रोलआउट सोमवार से शुरू होगा और हर टीम को दोपहर से पहले अपना डैशबोर्ड जाँचना चाहिए।"],
    ),
    (
        "th",
        &["การเปิดใช้งานเริ่มวันจันทร์ และทุกทีมควรตรวจสอบแดชบอร์ดของตนก่อนเที่ยง"],
    ),
    (
        "ko",
        &["배포는 월요일에 시작되며 모든 팀은 정오 전에 대시보드를 확인해야 합니다."],
    ),
    (
        "ja",
        &[
            "リリースは月曜日に始まります。各チームは正午までに自分のダッシュボードを確認してください。",
            "API の応答時間は 350 ms から 200 ms に短縮されました。",
        ],
    ),
    (
        "zh",
        &[
            "部署从星期一开始，每个团队都应在中午之前检查自己的仪表板。",
            "我們已將資料庫移至新的區域，回應時間因此減少了一半。",
        ],
    ),
];

#[test]
fn sentences_are_told_apart() {
    let mut right = 0;
    let mut unsure = Vec::new();
    let mut wrong = Vec::new();
    for (code, sentences) in SENTENCES {
        for sentence in *sentences {
            match detect_in(sentence) {
                Some(found) if found == *code => right += 1,
                Some(found) => wrong.push((code, found, sentence)),
                None => unsure.push((code, sentence)),
            }
        }
    }
    let all = right + unsure.len() + wrong.len();
    println!(
        "{right} of {all} single sentences, {} unsure, {} wrong",
        unsure.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(right * 100 >= all * 95, "{unsure:#?}");
}

#[test]
fn paragraphs_are_told_apart() {
    for (code, sentences) in SENTENCES {
        let mut pieces = sentences.iter().flat_map(|it| [*it, " "]);
        assert_eq!(detect(&mut pieces), Some(*code));
    }
}

#[test]
fn nothing_is_guessed() {
    for text in [
        "",
        "OK",
        "Q3 roadmap",
        "TODO",
        "42 17 3.5 %",
        "config.yaml, main.rs, index.html",
        "Berlin Tokyo London Paris",
        "a a a a a a a a a a a a",
        "Mae'r tîm yn dechrau ddydd Llun.",
    ] {
        assert_eq!(detect_in(text), None, "{text}");
    }
}

#[test]
fn a_mixed_page_has_the_language_of_its_prose() {
    let code = "for (const item of list) { if (item.is_done && !item.has_error) { return this.next(item); } } ";
    let german = "Die Schleife prüft jeden Eintrag und gibt den ersten zurück, der fertig ist und keinen Fehler hat. ";
    assert_eq!(detect_in(&format!("{german}{code}{german}")), Some("de"));
    let japanese = "次の設定ファイルを編集して、サービスを再起動します。";
    let english = "kubectl rollout restart deployment checkout-service ";
    assert_eq!(
        detect_in(&format!("{japanese}{english}{japanese}")),
        Some("ja")
    );
}

#[test]
fn listings_are_not_looked_at() {
    let mut document = Document::default();
    document.open(Block::Paragraph);
    document.text("Die Schleife prüft jeden Eintrag und gibt den ersten zurück, der fertig ist.");
    document.close();
    let language = document.aside("text");
    document.open(Block::Code(language));
    for _ in 0..50 {
        document
            .text("this is the one that they would have been looking for and it was not there\n");
    }
    document.close();
    document.open(Block::Paragraph);
    document.text("Das ist alles.");
    let document = document.finish();
    assert_eq!(of_document(&document), Some("de"));
}

#[test]
fn only_the_beginning_is_looked_at() {
    let german = "Die Schleife prüft jeden Eintrag und gibt den ersten zurück, der fertig ist. ";
    let english = "This is the part of the page that nobody would have to look at. ";
    let mut pieces = [german.repeat(300), english.repeat(100_000)];
    assert_eq!(detect(&mut pieces.iter().map(String::as_str)), Some("de"));
    pieces.reverse();
    assert_eq!(detect(&mut pieces.iter().map(String::as_str)), Some("en"));
}

#[test]
fn no_two_words_share_a_hash() {
    let words: std::collections::BTreeSet<&str> =
        LATIN.iter().flat_map(|it| it.1.split(' ')).collect();
    let mut places = std::collections::BTreeMap::new();
    for word in words {
        let hash = word.bytes().fold(SEED, step);
        let (slot, tag) = place(hash);
        let other = places.insert((slot, tag), word);
        assert_eq!(other, None, "{word}");
        assert!(TABLE.find(hash).is_some(), "{word}");
    }
    println!("{} words and letters", places.len());
}
