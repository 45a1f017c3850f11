/* The words that a masked capture may still say, by where: those that programs look for, and those in which servers explain themselves. */
#include "sink/mask_private.h"

static const struct { unsigned how; const char *words; } lists[] = {
    { MS_KEEP_STRICT,
      "helo ehlo lhlo mail rcpt data bdat rset noop quit vrfy expn help turn etrn atrn starttls auth from to size body 8bitmime 7bit "
      "8bit binarymime smtputf8 ret envid notify orcpt hdrs never success failure delay last chunking pipelining enhancedstatuscodes "
      "dsn mtrk deliverby future futurerelease holdfor mt priority burl urlauth no soliciting checkpoint verp xclient xforward xverp "
      "xexch50 tls tlscert exps gssapi ntlm login plain cram md5 digest scram sha sha1 sha256 sha512 256 512 plus external anonymous "
      "xoauth xoauth2 oauthbearer spnego gss otp skey limits mailmax rcptmax rcptdomainmax utf8 xlst user pass apop stat list retr "
      "dele top uidl capa stls lang ok err resp codes expire implementation sasl in use sys temp perm capability logout authenticate "
      "select examine create delete rename subscribe unsubscribe lsub status append check close expunge search fetch store copy uid "
      "idle done namespace id enable unselect move compress deflate getquota getquotaroot setquota getacl setacl deleteacl listrights "
      "myrights getmetadata setmetadata metadata xlist sort thread orderedsubject references condstore qresync changedsince vanished "
      "highestmodseq modseq nomodseq unauthenticate language comparator none esearch searchres save return count min max all partial "
      "bad bye preauth exists recent flags permanentflags uidvalidity uidnext unseen alert parse readonly read write only trycreate "
      "appenduid copyuid envelope internaldate rfc822 rfc header text peek fields not mime bodystructure binary fast full answered "
      "flagged deleted seen draft inbox noselect noinferiors marked unmarked haschildren hasnochildren subscribed nonexistent remote "
      "sent drafts trash junk archive important forwarded mdnsent messages unavailable authenticationfailed authorizationfailed "
      "expired privacyrequired contactadmin noperm inuse expungeissued corruption serverbug clientbug cannot limit overquota "
      "alreadyexists imap4rev1 imap4rev2 imap4 imap pop3 pop smtp esmtp lmtp children literal ir quota acl rights logindisabled "
      "uidplus multiappend catenate within i18nlevel listext extended special objectid preview savedate gm ext referrals mailbox "
      "mailboxes quotaroot referral tag genurlauth urlfetch resetkey proxyauth unicode utf url nil before since on senton sentbefore sentsince larger smaller keyword undelete undeleted undraft "
      "unanswered unflagged unkeyword new old or cc bcc subject charset emailid threadid mailboxid first proxy tcp4 tcp6 unknown "
      "pipe connect pipeconnect prdr requiretls rrvs link2state debug wiz get post head put options propfind trace patch host http protocol "
      "rfc2971 version vendor os name date mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec gmt "
      "utc est edt pst pdt cet cest localhost octets " },
    { MS_KEEP_REPLY, /* findings look for them */
      "greylist greylisted greylisting graylist gray grey list starttls stls must issue tls required requires ssl encryption encrypted "
      "secure connection plaintext plain text cleartext auth authentication authenticated authenticate need first log in logged login "
      "smtp not relay relaying user unknown no such does doesn exist recipient mailbox found local invalid address unrouteable known "
      "valid sender rejected domain verify quota full is storage allocation insufficient too large big size exceeds message limit "
      "maximum number connections timeout timed out time idle inactive inactivity autologout logout auto mechanism unrecognized "
      "unsupported supported available lock locked use already open another session busy state selected select sequence of wrong many "
      "try again temporary temporarily later unavailable overload overloaded internal data syntax expired " },
    { MS_KEEP_PROSE,
      "ready service server welcome hello hi pleased meet you at your command closing transmission channel connection session goodbye "
      "bye signing off logged in out authentication successful succeeded success failed failure invalid incorrect password username "
      "user account credentials rejected denied access relay relaying relayed not permitted allowed forbidden required must issue an "
      "the is are was be been being first please try again later temporarily temporary error errors too many much commands "
      "unrecognized unknown unimplemented implemented supported syntax argument arguments parameter parameters missing bad sequence of "
      "recipient recipients sender address addresses accepted accept ok queued as queue for delivery delivered deliver message "
      "messages msg mail end with start input data enter on line by itself ending go ahead local domain domains host hosts found does "
      "doesn exist exists no such here there verify verified cannot can could will would may might should have has had mailbox full "
      "quota exceeded exceeds over limit maximum max size large big storage space insufficient allocation disk system problem internal "
      "down up overloaded overload busy lock locked use already open opened another state selected select completed complete done "
      "expunged deleted marked unmarked flags highest unseen uid uids valid validity next mechanism mechanisms encrypted encryption "
      "secure ssl tls plaintext plain text cleartext disabled enabled enable using need needs begin negotiation negotiate now timeout "
      "timed time idle inactive inactivity autologout auto logout close closed transaction aborted abort canceled cancelled reset "
      "flushed blocked block blacklisted blocklisted listed list lists greylisted greylist greylisting graylisted graylist grey gray "
      "spam spamhaus virus infected content policy reject reputation client clients ip reverse dns lookup resolve resolved record mx "
      "spf dkim dmarc fail pass softfail neutral none permerror temperror check checks checked refused unrouteable unroutable "
      "undeliverable expired expire suspended available unavailable authorized authorization authenticate authenticated "
      "unauthenticated authenticating from to via id it its this that these those and or but if into per than then when while we our "
      "us me my do did only also any all more most less other same new old maildrop pop imap smtp esmtp lmtp pop3 imap4rev1 postfix "
      "exim sendmail dovecot courier cyrus exchange microsoft qmail zimbra cpop qpopper uw popper james hmailserver mdaemon lotus "
      "domino postini gmail google yahoo outlook office protocol version unix linux windows debian ubuntu freebsd gnu octets bytes "
      "byte length long short lines number reached rate hour minute minutes second seconds day days moment soon wait waiting retry "
      "retrying permanent permanently transient fatal warning note info help see http https www support contact administrator "
      "postmaster challenge response expected unexpected received receive sent send sending transfer transferred type body header "
      "headers format extended smtputf8 utf utf8 eight bit binary capability capabilities follow follows following items keywords read "
      "write readonly scan listing unique identifier top login log logging sign lost interrupted broken dropped died killed stored "
      "saved append appended fetch fetched search store copy copied create created rename renamed subscribe subscribed status noop "
      "nothing happened idling terminated one two three four five six seven nine ten zero each both between within without before "
      "after during since until because due though however instead against about above below under wrong right good great nice thank "
      "thanks sorry hope fine well yes " },
    { MS_KEEP_TRICK, "run jndi perl readfile bin sh wget curl sleep nc id whoami uname ls reboot " },
    { MS_KEEP_HOST,
      "mail smtp smtps imap imaps pop pop3 pops mx mx1 mx2 mx3 mta relay mailhost mailin mailout mailgw submission submissions email "
      "exchange autodiscover autoconfig www ns ns1 ns2 localhost localdomain local in addr arpa ip6 tcp udp dane dnsbl rhsbl dbl bl "
      "ipv6 surbl uribl dnswl blocklist blacklist spamhaus spamcop barracudacentral sorbs domainkey dmarc sts spf dkim example test invalid "
      "masscan nmap zgrab shodan censys shadowserver openvas nessus internet census measurement binaryedge leakix stretchoid onyphe " },
    { MS_KEEP_MIME,
      "text plain html enriched richtext calendar css xml csv multipart mixed alternative related digest report signed encrypted "
      "parallel form data appledouble message rfc822 global delivery status disposition notification partial external body headers "
      "feedback application octet stream pdf zip gzip msword vnd ms excel powerpoint openxmlformats officedocument wordprocessingml "
      "spreadsheetml presentationml document sheet presentation oasis opendocument rtf postscript javascript json pgp signature keys "
      "pkcs7 mime smime tnef mac binhex40 image jpeg jpg png gif bmp tiff svg webp audio mpeg wav basic midi video mp4 quicktime avi "
      "font model name filename charset boundary type start info format flowed fixed delsp yes no protocol micalg attachment inline "
      "inbox sent drafts trash junk archive size creation modification read date access url 7bit 8bit binary base64 quoted printable "
      "uuencode uue us ascii utf utf8 iso ole storage compressed tar rar 7z bzip2 xz msdownload dosexec executable elf macroenabled photoshop "
      "djvu amp ics vcard markdown x509 cert pkcs10 pkcs12 ogg mp3 m4a webm heic "
      "windows koi8 big5 gb gb2312 gb18030 gbk euc jp kr shift jis ks version begin " },
    { MS_KEEP_SASL,
      "username realm nonce cnonce nc qop auth int conf response uri digest charset utf algorithm md5 sess maxbuf stale cipher opaque "
      "authzid rspauth user bearer host port token password des 3des rc4 imap smtp pop pop3 status schemes scope error invalid ntlmssp " },
    { MS_KEEP_HEADER,
      "from to cc bcc subject date sender reply return path message id in references received delivered content type transfer encoding "
      "disposition description location language md5 mime version organization mailer priority importance user agent originating ip "
      "list unsubscribe subscribe post help archive owner precedence errors auto submitted resent comments keywords dkim signature "
      "domainkey domainkeys authentication results spf arc seal spam status level score flag virus scanned checker face sensitivity "
      "thread topic index ms exchange has attach tnef correlator by with for esmtp esmtps esmtpsa esmtpa smtp lmtp http local port "
      "stsv1 tlsrptv1 spf1 dmarc1 dkim1 quarantine include redirect ip4 ip6 ptr all exp notification approved newsgroups lines envelope "
      "original apparently google gm source " },
};

void ms_mask_fill_vocabulary(struct ms_map *to)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct ms_bytes rest = ms_str(lists[i].words), word;
        while ((word = ms_take_word(&rest)).n) {
            void **at = ms_map_put(to, word);
            *at = (void *)((uintptr_t)*at | lists[i].how); /* NOLINT: a number */
        }
    }
}
