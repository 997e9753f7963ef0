"""The words by which mail programs around the world mark quoted history."""

# Phrases in dozens of scripts: wide characters, and letters that look like Latin ones.
# ruff: noqa: E501, RUF001


def phrases(block: str) -> tuple[str, ...]:
    """Split a block of phrases at its bars."""
    return tuple(" ".join(phrase.split()) for phrase in block.split("|"))


def words_of(block: str) -> list[str]:
    """Split a block of words at white space."""
    return block.split()


WROTE_LAST = (
    # The writer comes first: "On 5 May, Maya wrote:".
    "wrote",
    "writes",
    "sent",
    "said",
    "a écrit",
    "a ecrit",
    "a envoyé",
    "escribió",
    "escribio",
    "escribiu",
    "ha escrito",
    "va escriure",
    "ha escrit",
    "escreveu",
    "ha scritto",
    "geschreven",
    "geschrieben",
    "kirjoitti",
    "napisał",
    "napisała",
    "napisał(a)",
    "napisał/a",
    "napisał/-a",
    "pisze",
    "nadesłał",
    "napsal",
    "napsala",
    "napsal(a)",
    "napísal",
    "napísala",
    "napísal(a)",
    "napisao",
    "napisala",
    "napisao je",
    "napisala je",
    "napisao/la je",
    "je napisao",
    "je napisala",
    "je napisao/la",
    "je napisal",
    "je napisal/-a",
    "a scris",
    "написал",
    "написала",
    "написал(а)",
    "написал(a)",
    "написали",
    "пишет",
    "писал",
    "писал(а)",
    "написав",
    "написав(ла)",
    "написала",
    "написав/ла",
    "пише",
    "написа",
    "је написао",
    "је написао/ла",
    "напісаў",
    "έγραψε",
    "yazdı",
    "şunu yazdı",
    "şunları yazdı",
    "yazmış",
    "rašė",
    "rakstīja",
    "kirjutas",
    "skrifaði",
    "đã viết",
    "viết",
    "menulis",
    "tulis",
    "כתב",
    "כתבה",
    "כתב/ה",
    "כתב\u05f3",
    "كتب",
    "كتبت",
    "كتب/ت",
    "نوشت",
    "نوشته است",
    "نوشته",
    "idatzi du",
)
WROTE_FIRST = (
    "kirjutas",
    # The writer or the hour may come after: "Am 5. Mai schrieb Maya:".
    "schrieb",
    "hat geschrieben",
    "schreef",
    "heeft geschreven",
    "heeft het volgende geschreven",
    "skrev",
    "skreiv",
    "ha scritto",
    "írta",
    "ezt írta",
    "geskryf",
    "skryf",
    "het geskryf",
    "пользователь",
    "użytkownik",
    "użytkownika",
    "uživatel",
    "odesílatel",
    "používateľ",
    "пользователем",
    "користувач",
    "потребител",
    "بواسطة",
    "מאת",
)
WROTE_UNSPACED = (
    "写道",
    "寫道",
    "写到",
    "寫到",
    "來信",
    "のメール",
    "のメッセージ",
    "書きました",
    "書いた",
    "は書きました",
    "作成",
    "작성",
    "작성함",
    "작성하였습니다",
    "작성했습니다",
    "썼습니다",
    "쓰셨습니다",
    "님이 씀",
    "님의 말",
    "เขียนว่า",
    "เขียน",
    "ने लिखा",
    "написал:",
)
AFTER_WROTE = (
    # What may stand between the verb and the colon.
    "the following",
    "le message suivant",
    "lo siguiente",
    "o seguinte",
    "quanto segue",
    "følgende",
    "følgjande",
    "följande",
    "het volgende",
    "folgendes",
    "je",
    "a",
    "la",
    "ono što slijedi",
    "următoarele",
    "aşağıdakileri",
)

STARTERS = frozenset(
    words_of(
        """
    on at in le il el em no op am den d på pa kl dne dňa dnia w în in la na στις στίς vào
    lúc pada dana u v de dia a il ngày den ved pe ha dátum
    в у на от від ад
    בתאריך ב ביום في بتاريخ يوم در به
    在 于 於 date datum
    """
    )
)
QUOTING = (
    "quoting",
    "zitat von",
    "zitiere",
    "citando",
    "citing",
    "citerar",
    "cytowanie",
)

WEEKDAYS_AND_MONTHS = frozenset(
    words_of(
        """
    mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday
    saturday sunday mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag
    samstag sonnabend sonntag lun mar mer jeu ven sam dim lundi mardi mercredi jeudi
    vendredi samedi dimanche mié mie jue vie sáb sab dom lunes martes miércoles jueves
    viernes sábado domingo seg ter qua qui sex segunda terça quarta quinta sexta
    gio lunedì martedì mercoledì giovedì venerdì sabato domenica ma wo vr za zo maandag
    dinsdag woensdag donderdag vrijdag zaterdag zondag mån tis ons tor tors fre lör sön
    måndag tisdag onsdag torsdag fredag lördag söndag man tir lør søn mandag tirsdag
    lørdag søndag ti ke to pe la su maanantai tiistai keskiviikko torstai perjantai
    lauantai sunnuntai maanantaina tiistaina keskiviikkona torstaina perjantaina
    lauantaina sunnuntaina pon wt śr sr czw pt sob niedz nd poniedziałek wtorek środa
    czwartek piątek sobota niedziela po út ut st čt ct pá pa ne pondělí úterý středa
    čtvrtek pátek neděle pi št utorok streda štvrtok piatok nedeľa hét hétfő kedd szerda
    csütörtök péntek szombat vasárnap pzt sal çar per cum cmt paz pazartesi salı çarşamba
    perşembe cuma cumartesi pazar пн вт ср чт пт сб вс понедельник вторник среда четверг
    пятница суббота воскресенье понеділок вівторок середа четвер п'ятниця субота неділя
    нд thứ hai sen sel rab kam jum min senin selasa rabu kamis jumat sabtu minggu
    jan feb mar apr may jun jul aug sep sept oct nov dec january february march april
    june july august september october november december
    уто сре чет пет суб нед uto sri čet pet sub ned lu mi joi vi sâ du
    δευ τρι τετ πεμ παρ σαβ κυρ
    """
    )
)

HEADER_NAMES: dict[str, tuple[str, ...]] = {
    "from": phrases(
        """
        from|von|de|da|van|från|fra|lähettäjä|od|от|от кого|от кого.|від|від кого|ад|feladó
        |gönderen|kimden|من|از|فرستنده|المرسل|מאת|מ|发件人|發件人|寄件者|寄件人|差出人|送信者|送信元
        |보낸 사람|보낸사람|보내는 사람|발신|발신자|từ|người gửi|dari|pengirim|จาก|από|expeditor|de la
        |expéditeur|remitente|mittente|remetente|afzender|absender|avsändare|afsender|avsender
        |nadawca|odesílatel|odosielateľ|отправитель|pošiljatelj|отправник|d'|desde|de (from)
        |author|auteur|expediteur|sender|šalje|no|nuo|kellelt|saatja|från (from)|frá|mittent
        """
    ),
    "to": phrases(
        """
        to|an|à|a|para|aan|till|til|vastaanottaja|do|komu|pre|címzett|кому|kime|alıcı|alici|إلى|الى
        |المستلم|به|گیرنده|אל|ל|收件人|收件者|宛先|送信先|受信者|받는 사람|받는사람|받는 이|수신|수신자|tới
        |đến|người nhận|kepada|untuk|ถึง|προς|către|catre|za|prima|на|до кого|empfänger
        |destinataire|destinatario|destinatário|ontvanger|mottagare|modtager|mottaker|do kogo
        |получатель|kam|kellele|saaja|per a|na|til:|à qui|pour|per
        """
    ),
    "cc": phrases(
        """
        cc|cc:|kopie|kopia|kopi|kopio|kopie an|copie|copie à|copia|con copia|em cópia|cópia|dw
        |ko|másolat|másolatot kap|копия|копія|копие|bilgi|نسخة|نسخة إلى|رونوشت|עותק|抄送|副本|副本抄送|参照
        |참조|đồng gửi|tembusan|สำเนา|κοιν.|kopia do|kopija|kp|c.c.|carbon copy|cópia para
        """
    ),
    "bcc": phrases(
        """
        bcc|cci|cco|ccn|bk|ukryta kopia|udw|dold kopia|blindkopi|skrytá kopie|скрытая копия|密送
        |密件副本|숨은 참조
        """
    ),
    "date": phrases(
        """
        date|sent|sent at|datum|gesendet|gesendet am|envoyé|envoyée|envoyé le|enviado|enviado el
        |enviado em|enviada|enviada em|enviada el|fecha|data|inviato|data invio|inviata|verzonden
        |verzonden op|datum/tijd|skickat|skickat den|sendt|dato|lähetetty|päivämäärä|päiväys|pvm
        |wysłano|wysłany|data wysłania|odesláno|odoslané|dátum|dátum:|datum odeslání|küldve
        |elküldve|küldés dátuma|дата|отправлено|дата отправки|надіслано|відправлено|изпратено
        |tarih|gönderilme|gönderildi|gönderme tarihi|gönderim tarihi|التاريخ|تاريخ|تاريخ الإرسال
        |أرسلت|تم الإرسال|الإرسال|ارسال|تاریخ|ارسال شده|زمان ارسال|נשלח|תאריך|בתאריך|发送时间|发送日期|日期
        |寄件日期|傳送時間|傳送日期|時間|时间|送信日時|日時|送信日|日付|보낸 날짜|보낸날짜|날짜|보낸 시간|발신일|일시
        |ngày|ngày gửi|đã gửi|thời gian|tanggal|dikirim|terkirim|วันที่|ส่ง|στάλθηκε|ημερομηνία
        |ημ/νία|trimis|dată|poslano|poslato|poslané|data i godzina|saatmisaeg|kuupäev|išsiųsta
        |nosūtīts|enviat|data d'enviament|sendt dato|sendt:|fecha y hora|date d'envoi
        """
    ),
    "subject": phrases(
        """
        subject|betreff|betrifft|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|otsikko
        |temat|předmět|predmet|tárgy|тема|konu|الموضوع|موضوع|עניין|נושא|הנדון|הנושא|主题|主題|主旨|标题
        |件名|題名|제목|chủ đề|tiêu đề|subjek|perihal|เรื่อง|หัวเรื่อง|θέμα|subiect|subiectul|naslov
        |teema|tema|temats|относно|efni|assumpte|zadeva|tema:|asia
        """
    ),
    "reply_to": phrases(
        """
        reply-to|reply to|antwort an|répondre à|répondre a|responder a|responder para|rispondi a
        |risposta|antwoord aan|svara till|svar til|vastausosoite|odpowiedz do|odpověď|reply_to
        |válaszcím|ответить|обратный адрес|reply-to:|yanıtla|yanıt|답장|返信先|回复|回复至|回覆
        """
    ),
    "other": phrases(
        """
        importance|priority|attachments|attachment|wichtigkeit|priorität|anlagen|anhänge|organization
        |organisation|importance:|pièces jointes|pièce jointe|datos adjuntos|adjuntos|anexos
        |allegati|allegato|bijlagen|bijlage|bilagor|vedlegg|vedhæftede filer|liitteet|załączniki
        |přílohy|вложения|附件|添付ファイル|첨부 파일|첨부파일|ekler|المرفقات|קבצים מצורפים
        |message-id|list-id|mailed-by|signed-by|resent-from|in-reply-to|newsgroups|prioridad
        |priorité|prioriteit|belang|importancia|importância|categories|when|where
        """
    ),
}

ORIGINAL = words_of(
    "original ursprünglich ursprunglich origine originel originale originalna oorspronkelijk "
    "ursprungl oprindelig opprinnelig opprinneleg alkuperäi oryginaln pierwotn původní povodn "
    "pôvodn eredeti исходн оригинал оригінал первоначал початков зыходн orijinal özgün asıl الأصلي اصلی "
    "מקורי αρχικ πρωτότυπ 原始 原件 原邮件 原信 元の オリジナル 원본 gốc asli ต้นฉบับ izvorn "
    "izvirn quoted zitierte antwort alkup upphafleg sākotnēj originaal"
)
FORWARDED = words_of(
    "forward weitergeleitet weiterleitung transmis transféré transfere réexpédi reenviad "
    "reenvia reencaminhad encaminhad inoltrat inoltro doorgestuurd vidarebefordra "
    "vidarebefordrat videresend videresendt välitet edelleenläh przekaz przesłan "
    "przesyłan přeposlan preposlan přeposíl továbbított пересыл переадрес переслан пересланн перенаправл "
    "препратен препратено iletilen yönlendiril محول محوّل توجيه هدایت فوروارد הועבר προωθ "
    "retrimis redirecționat redirectionat transferat proslijeđen prosleđen posredovan 转发 "
    "轉寄 轉發 転送 전달 chuyển diteruskan terusan ส่งต่อ edastatud persiųst pārsūtīt "
    "áframsend reenviat tramesso"
)
MESSAGE = words_of(
    "message mail nachricht mensaje mensagem messaggio bericht meddeland meddelelse melding "
    "viesti wiadomoś zpráv správ üzenet levél сообщени письм повідомлен лист ileti mesaj "
    "رسالة الرسالة بريد پیام ایمیل הודעה μήνυμα poruk sporočil 邮件 郵件 消息 訊息 メッセージ "
    "メール 메시지 메일 thư tin pesan email ข้อความ missatge posta text surat zin laišk "
    "kiri съобщени сообщен melding brev post memo"
)
