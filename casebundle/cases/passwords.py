"""Which passwords are refused: those that people guess first, by how everybody makes them and by what is known of who
makes this one. zxcvbn has the lists, the keyboards and the patterns; what a court and its people add is here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from . import names

SHORTEST = 12
# So many guesses (as a power of ten) must it take. Three random words take 12 and more.
LEAST = 10.0
# So many characters must be left of it without years, numbers, signs and the words that are guessed first, unless it is
# beyond any guessing.
LEAST_OF_ITS_OWN, BEYOND = 6, 16.0
# zxcvbn reads no more, and what is good so far is good.
READ = 72

# Words that are guessed first here, beside those of every list: of the product, of courts, of the calendar and of
# places with a court, in both languages.
_WORDS = """
    casebundle bundle bundles case cases court courts crown judge judges justice clerk barrister barristers
    solicitor solicitors chambers counsel advocate prosecution prosecutor prosecute defence defendant defender
    evidence exhibit witness trial hearing verdict guilty jury juror sentence magistrate magistrates tribunal law
    lawyer legal police cps hmcts judiciary usher silk inner middle temple gray lincoln inn regina rex king queen
    london bailey welcome password passwort passphrase pass secret login signin letmein changeme change default
    access admin administrator user guest test temp temporary hello master system computer internet office work home
    laptop spring summer autumn winter january february march april may june july august september october november
    december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday
    sunday today tomorrow christmas easter holiday england wales welsh british britain english cymru cymraeg lloegr
    prydain leeds manchester birmingham liverpool sheffield bristol cardiff swansea newport newcastle nottingham
    leicester derby lincoln norwich oxford cambridge reading southampton portsmouth winchester exeter plymouth truro
    bournemouth brighton lewes maidstone canterbury guildford kingston croydon snaresbrook southwark isleworth
    harrow woolwich blackfriars bradford hull york durham teesside middlesbrough carlisle preston lancaster bolton
    chester warwick coventry wolverhampton stafford stoke shrewsbury worcester hereford gloucester swindon salisbury
    taunton barnstaple luton bedford northampton peterborough ipswich chelmsford basildon southend merthyr wrexham
    mold caernarfon bangor aberystwyth carmarthen haverfordwest arsenal chelsea tottenham everton united city
    football rugby croeso cyfrinair llys llysoedd barnwr bargyfreithiwr cyfreithiwr achos tystiolaeth erlyniad
    amddiffyn diffynnydd tyst treial gwrandawiad rheithgor cyfraith heddlu gwanwyn haf hydref gaeaf ionawr chwefror
    mawrth ebrill mai mehefin gorffennaf awst medi tachwedd rhagfyr llun mawrth mercher iau gwener sadwrn sul
    nadolig pasg caerdydd abertawe casnewydd wrecsam caerfyrddin hwlffordd helo bore pnawn yma hyd gymru nghymru
    llundain hiraeth cariad draig
"""
# Welsh given names, words and places, and what lawyers and the Welsh read, which no list of zxcvbn has.
_WELSH_AND_TALES = """
    aeron aled alun alwyn anest aneirin aneurin angharad anwen arwel arwen arwyn awen bedwyr berwyn bethan beuno blodwen
    branwen bronwen brychan bryn bryony cadi cadfael cadog caradog carwyn carys catrin ceinwen ceiri celyn ceri
    ceridwen cerys cledwyn cynan dafydd dewi deiniol dilwen dilys dylan delyth eifion eilir eirian eirlys eirwen eleri
    elfed elin eluned elwyn emlyn emrys emyr enfys enid esyllt eurig eurwen ffion fflur gareth garmon gerallt geraint
    gethin glenys glyndwr glynis goronwy gruffudd gruffydd griffith guto gwawr gwen gwenan gwenda gwenllian gwennan
    gwenno gwenfron gwerfyl gwilym gwyn gwyneth gwynfor gwyndaf haf hedd heddwyn hefin heledd heulwen huw hywel idris
    idwal iestyn ieuan ifan ifor illtud iolo iorwerth ithel iwan leusa llew llewelyn llinos llywelyn lleucu llio llyr
    lowri luned mabli madog mair maldwyn mali maredudd mared marged mari mattie megan meilir meinir meirion meleri
    menna meredith mererid merfyn meurig mihangel morfudd morfydd morgan morgana morwen morwenna myfanwy myrddin nerys
    nesta nia olwen osian owain owen padrig pryderi rhiannon rhianedd rhian rhidian rhodri rhun rhydian rhys rhisiart
    robat rolant seren sian siencyn sioned siwan steffan sulwyn tegan tegid tegwen tegwyn teifion tomos trefor tudur
    tudno ynyr
    arglwydd arglwyddes duw iesu cymraes cymro annwyl blodyn bendigedig hwyl iechyd ysgol mamgu tadcu nain taid teulu
    cwtsh cenedl gwlad calon rygbi peldroed eisteddfod dreigiau cennin cenhinen penblwydd gobaith heddwch gwaith
    cyfiawnder gwirionedd rhyddid diolch noswaith prynhawn
    mabinogi mabinogion pwyll dyfed arawn bendigeidfran efnysien manawydan culhwch gwydion arianrhod blodeuwedd lleu
    taliesin arthur merlin camelot excalibur
    themis justitia dike nemesis minerva athena athene apollo zeus hera hermes hades artemis aphrodite poseidon
    odysseus solomon portia shylock solon draco hammurabi justinian cicero ulpian blackstone bracton denning
    rumpole horace hilda phyllida erskine sherlock holmes watson moriarty poirot marple morse lewis rebus vera taggart
    atticus finch scout mockingbird perry mason matlock columbo kavanagh jarndyce dickens dombey pickwick bardell sawyer
    buzfuz jaggers wemmick tulkinghorn carton darnay ironside dredd judy deed silks crownprosecutor suits specter
    litt pearson ally mcbeal goodwife
    ynysybwl pontypridd aberdare aberdar rhondda cynon taff treorci treorchy tonypandy caerffili caerphilly blaenau
    gwent torfaen cwmbran pontypool abergavenny fenni brecon aberhonddu llandrindod llanelli ammanford rhydaman
    neath castellnedd porthcawl barry penarth lampeter llanbedr aberteifi cardigan machynlleth dolgellau bala
    porthmadog pwllheli llandudno conwy rhyl prestatyn denbigh dinbych ruthin rhuthun llangollen holyhead caergybi
    llangefni mon anglesey gwynedd powys ceredigion penybont bridgend tredegar ebbw merthyr tudful maesteg
    llanfairpwll snowdon snowdonia wyddfa eryri
    the and
"""
WORDS = frozenset(_WORDS.split()) | frozenset(_WELSH_AND_TALES.split())
# Pass phrases that stand in advice and in every book: as good as one word, however long.
_PHRASES = """
    correcthorsebatterystaple correcthorsestaplebattery horsebatterystaple thequickbrownfox jumpsoverthelazydog
    tobeornottobe thatisthequestion maytheforcebewithyou itwasthebestoftimes callmeishmael fourscoreandseven
    inthebeginningwastheword ourfatherwhoartinheaven godsavetheking godsavethequeen opensesame
    innocentuntilproven innocentuntilprovenguilty nothingbutthetruth thewholetruth ladiesandgentlemenofthejury
    beyondreasonabledoubt ifitpleasethecourt mayitpleaseyou yourhonour objectionyourhonour
    shewhomustbeobeyed hengwladfynhadau cymruambyth maehenwlad tokillamockingbird purplemonkeydishwasher
    coffeetrainfish coffeetinfish redpantstree hippopizzarocket applenemobiro walltinshirt winteriscoming
    neveroddoreven whitechristmas iloveyou
"""
_FAMOUS = frozenset(_PHRASES.split())
_LEET = str.maketrans("430157$@!|", "aeoistsail")


def _known_of(user: Any) -> set[str]:
    """Words that whoever knows this person would try: their name, address and cases."""
    said = [getattr(user, "name", ""), getattr(user, "email", "")]
    if getattr(user, "pk", None):
        for case in _cases_of(user):
            said += [case.reference, case.title, case.court]
    found = {
        word.casefold() for text in said for word in re.findall(r"\w+", str(text or "")) if len(word) > 2
    }
    return found | {str(getattr(user, "email", "") or "").casefold()} - {""}


def _cases_of(user: Any) -> Iterable[Any]:
    from .models import Case

    return Case.objects.filter(participants__user=user.pk, participants__removed_at=None).only(
        "reference", "title", "court"
    )[:20]


def _of_its_own(password: str, known: Collection[str]) -> int:
    """How many different characters are left when known words, numbers and signs are taken out."""
    least = 10**6
    words = sorted(known, key=len, reverse=True)
    for text in {password.casefold(), password.casefold().translate(_LEET)}:
        # "S.u.m.m.e.r" is a summer too.
        for read in (text, re.sub(r"[\W\d_]+", "", text)):
            left = read
            for word in words:
                if len(word) > 2:
                    left = left.replace(word, " ")
            least = min(least, len(set(re.sub(r"[\W\d_]+", "", left))))
    return least


def _is_famous(password: str) -> bool:
    """Whether a pass phrase that everybody knows is nearly all of it."""
    letters = (re.sub(r"[\W\d_]+", "", text) for text in (password, password.translate(_LEET)))
    return any(phrase in text for text in letters for phrase in _FAMOUS) and (
        _of_its_own(password, WORDS | _FAMOUS) < LEAST_OF_ITS_OWN
    )


class GuessedFirst:
    """A validator of AUTH_PASSWORD_VALIDATORS."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator()

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < SHORTEST:
            return  # that is said by the validator of the length
        known = _known_of(user)
        words = WORDS | known
        try:
            self.common.validate(password)
            guessed = False
        except ValidationError:
            guessed = True
        plain = names.clean(password).casefold()
        if not guessed:
            guesses = float(zxcvbn(plain[:READ], user_inputs=sorted(words), max_length=READ)["guesses_log10"])
            guessed = (
                guesses < LEAST
                or (guesses < BEYOND and _of_its_own(plain, words) < LEAST_OF_ITS_OWN)
                or _is_famous(plain)
            )
        if guessed:
            raise ValidationError(
                _(
                    "This password is easy to guess. Put three words together that have nothing to do with each other, "
                    "with you, the court or the date, like three things that you can see. A word with a number after "
                    "it is guessed first."
                ),
                code="password_guessed",
            )

    def get_help_text(self) -> str:
        return _("Put three words together that have nothing to do with each other.")
