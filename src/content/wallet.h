/* content/wallet.h - addresses that money of the kind of Bitcoin is sent to, told from other strings by their checksums.
 *
 * Reads    Base58Check of version 0 and 5 (Bitcoin), Bech32 and Bech32m of "bc1" (BIP 173, BIP 350).
 * Threads  pure.                                                                                   */
#pragma once
#include "base/bytes.h"

bool ms_wallet_is_valid(struct ms_bytes word);
