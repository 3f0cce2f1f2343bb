package store

import (
	"context"
	"fmt"
)

const (
	// searchChunk is how many conversations with a word are looked at together.
	searchChunk = 500
	// searchChunks bounds how many chunks one page looks at.
	searchChunks = 4
	// searchWords bounds how many words of a query count.
	searchWords = 8
)

// searchConversations finds the conversations that have every word of Q and
// pass the filter, newest first. It goes through those with the rarest word.
func (s *Store) searchConversations(ctx context.Context, filter ConversationFilter, page Page, limit int) ([]conversationRow, string, error) {
	key, err := page.key(1)
	if err != nil {
		return nil, "", err
	}
	words := searchTerms(filter.Q)
	words = words[:min(len(words), searchWords)]
	word, candidates, err := s.rarest(ctx, words, key[0])
	if err != nil {
		return nil, "", err
	}
	var rows []conversationRow
	for range searchChunks {
		if len(candidates) == 0 {
			return rows, "", nil
		}
		found, err := s.matching(ctx, filter, words, candidates, limit+1-len(rows))
		if err != nil {
			return nil, "", err
		}
		if rows = append(rows, found...); len(rows) > limit {
			rows, cursor := next(rows, limit, func(r conversationRow) string { return cursorOf(r.ID) })
			return rows, cursor, nil
		}
		if len(candidates) < searchChunk {
			return rows, "", nil
		}
		key[0] = candidates[len(candidates)-1]
		if candidates, err = s.withWord(ctx, word, key[0]); err != nil {
			return nil, "", err
		}
	}
	return rows, cursorOf(key[0]), nil
}

// rarest returns the word that the fewest conversations have, as far as one
// chunk tells, and its first chunk.
func (s *Store) rarest(ctx context.Context, words []string, before string) (word string, chunk []string, err error) {
	for i, candidate := range words {
		found, err := s.withWord(ctx, candidate, before)
		if err != nil {
			return "", nil, err
		}
		if i == 0 || len(found) < len(chunk) {
			word, chunk = candidate, found
		}
	}
	return word, chunk, nil
}

// withWord returns a chunk of ids of conversations that have the word, newest
// first, older than one; "" is from the start.
func (s *Store) withWord(ctx context.Context, word, before string) ([]string, error) {
	query := s.reading(ctx).Model(&conversationTermRow{}).Where("term = ?", word)
	if before != "" {
		query = query.Where("conversation_id < ?", before)
	}
	var ids []string
	err := query.Order("conversation_id DESC").Limit(searchChunk).Pluck("conversation_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("search conversations: %w", err)
	}
	return ids, nil
}

// matching returns those of the candidates that have every word and pass the
// filter, newest first.
func (s *Store) matching(ctx context.Context, filter ConversationFilter, words, candidates []string, limit int) ([]conversationRow, error) {
	query := filter.condition().where(s.reading(ctx).Where("id IN ?", candidates))
	if filter.InboxIDs != nil {
		query = query.Where("inbox_id IN ?", filter.InboxIDs)
	}
	if len(words) > 1 {
		query = query.Where("? = (SELECT count(*) FROM conversation_terms t WHERE t.conversation_id = conversations.id AND t.term IN ?)",
			len(words), words)
	}
	var rows []conversationRow
	if err := query.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("search conversations: %w", err)
	}
	return rows, nil
}
